import { execFileSync } from 'node:child_process';
import { findProgram } from '../../infra/setup/find_program.mjs';
import type { Disaster } from './disaster.ts';

/** Twice the session of a consumer group. */
const FROZEN_SECONDS = 20;
const FULL_SECONDS = 15;

const publisherFrozen: Disaster = {
  name: 'publisher-frozen',
  async harm(site) {
    const publisher = site.pidOf('publisher');
    process.kill(publisher, 'SIGSTOP');
    await site.lines?.write(FROZEN_SECONDS);
    process.kill(publisher, 'SIGCONT');
  },
};

/** A process whose files cannot grow meets the same failed writes as one with a full disk, and no other process does. */
const FILLED = ['kafka', 'clickhouse', 'archive', 'ingest'] as const;
const diskFull: Disaster = {
  name: 'disk-full',
  skipped: () => (findProgram('prlimit', process.env) === undefined ? 'prlimit (util-linux) is not here' : null),
  async harm(site, next) {
    const pid = site.pidOf(FILLED[Math.floor(next() * FILLED.length)] as string);
    const limitTo = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`], { stdio: 'pipe' });
    limitTo('0');
    await site.lines?.write(FULL_SECONDS);
    try {
      limitTo('unlimited');
    } catch {
      // It has ended, and whoever was started in its place has no limit.
    }
  },
};

const clockOfEngine: Disaster = {
  name: 'clock-of-engine',
  skipped: () => 'nothing here sets the clock of one engine alone',
  async harm() {},
};

export const PROCESS_DISASTERS: Disaster[] = [publisherFrozen, diskFull, clockOfEngine];
