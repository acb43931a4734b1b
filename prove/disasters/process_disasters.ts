import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { ROLES } from '../../infra/role.ts';
import { findProgram } from '../../infra/setup/find_program.mjs';
import { setClock } from '../failpoints/orders.ts';
import type { Disaster } from './disaster.ts';
import { whileFrozen, whileFull } from './site.ts';

const oneOf = <T>(all: readonly T[], next: () => number): T => all[Math.floor(next() * all.length)] as T;

/** Twice the session of a consumer group. */
const FROZEN_SECONDS = 20;

const publisherFrozen: Disaster = {
  name: 'publisher-frozen',
  async harm(site) {
    await whileFrozen(site.pidOf('publisher'), async () => site.lines?.write(FROZEN_SECONDS));
  },
};

/** The disk of a role that writes files all the time: it ends and is started again several times meanwhile. */
const FULL_SECONDS = 20;
const WRITERS = ['ingest', 'archive'] as const;
const diskFull: Disaster = {
  name: 'disk-full',
  skipped: () => (findProgram('prlimit', process.env) === undefined ? 'prlimit was not found' : null),
  async harm(site, next) {
    const role = oneOf(WRITERS, next);
    await whileFull(site, role, async () => {
      await site.lines?.write(FULL_SECONDS / 2);
      await site.requestArchived();
      await site.lines?.write(FULL_SECONDS / 2);
    });
  },
};

/** Each stays wrong for about two steps of what goes by a clock, and once beyond what Kafka takes from a sender (an hour). */
const CLOCK_SECONDS = 20;
const SKEWS_MS = [90_000, 20 * MINUTE_MS, 3 * HOUR_MS];
const clockOfRole: Disaster = {
  name: 'clock-of-role',
  async harm(site, next) {
    const [role, skewMs] = [oneOf(ROLES, next), oneOf(SKEWS_MS, next)];
    for (const aheadMs of [skewMs, -skewMs]) {
      setClock(site.config.dataDir, role, aheadMs);
      await site.lines?.write(CLOCK_SECONDS);
    }
    setClock(site.config.dataDir, role, 0);
  },
};

const clockOfEngine: Disaster = {
  name: 'clock-of-engine',
  skipped: () => 'nothing here sets the clock of one engine alone',
  async harm() {},
};

export const PROCESS_DISASTERS: Disaster[] = [publisherFrozen, diskFull, clockOfRole, clockOfEngine];
