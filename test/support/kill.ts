import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { requestFlush } from '../../batch/archive/requests.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { createKafka, endOffsetsOf } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf } from '../../infra/kinds.ts';
import { createLog } from '../../infra/log.ts';
import { repeat } from '../../infra/repeat.ts';
import type { RoleName, Service } from '../../infra/role.ts';
import { readPlatformState } from '../../infra/supervisor/state_file.ts';
import type { FailpointTarget } from '../../prove/failpoints/failpoints.ts';
import { killAt } from '../../prove/failpoints/orders.ts';
import { type Fact, lineOf } from '../../prove/oracle.ts';

const TICK_MS = 300;
const LINES_PER_TICK = 5;
const COUNTRIES = ['USA', 'DEU', 'FRA'];
const ARCHIVE_EVERY_MS = 1_000;
const KILL_LIMIT_MS = 240_000;

/** Clicks of one ad, all different; every third without an id. */
export const clicksOf = (ad: string, count: number, at: (n: number) => number): Fact[] =>
  Array.from({ length: count }, (_, n) => ({
    ad,
    at: at(n),
    user: `user ${n % 20}`,
    ip: `10.1.0.${n % 250}`,
    country: COUNTRIES[n % COUNTRIES.length] as string,
    id: n % 3 === 0 ? null : `${ad}-${n}`,
  }));

/** Appends clicks to a separate log; one in ten of those with an id is sent twice. */
export function append(config: Config, name: string, facts: Fact[]): void {
  const again = facts.filter(({ id }, n) => id !== null && n % 10 === 1);
  const lines = [...facts, ...again].map((fact) => `${lineOf(fact)}\n`);
  appendFileSync(join(config.dataDir, 'logs', `${name}.log`), lines.join(''));
}

/**
 * Keeps appending clicks until a role has killed itself at a failpoint; then appends a few more. Returns all of them.
 * Throws if the role never reached the failpoint.
 */
export async function killUnderTraffic(
  config: Config,
  role: FailpointTarget,
  point: string,
  ad: string,
): Promise<Fact[]> {
  const facts: Fact[] = [];
  // In minutes that have closed, so that every stage has something to do at once.
  const startMs = Date.now() - 300_000;
  const more = (): void => {
    const next = clicksOf(ad, facts.length + LINES_PER_TICK, (n) => startMs + n * 10).slice(facts.length);
    facts.push(...next);
    append(config, ad, next);
  };
  let isOver = false;
  const killing = killAt(config.dataDir, role, point, Date.now() + KILL_LIMIT_MS).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    more();
    await delay(TICK_MS);
  }
  if (!(await killing)) throw new Error(`${role} did not reach the failpoint "${point}"`);
  for (let i = 0; i < 3; i++) more();
  return facts;
}

/** SIGKILLs a role, whatever it is doing. */
export function killNow({ dataDir }: Config, role: RoleName): void {
  const pid = readPlatformState(dataDir)?.processes.find(({ name }) => name === role)?.pid;
  if (pid === undefined || pid === null) throw new Error(`${role} does not run`);
  process.kill(pid, 'SIGKILL');
}

const log = createLog('test');
log.level = 'silent';

/** Makes the archive flush the topic of a kind repeatedly, instead of when a file would be full. */
export async function keepArchiving(config: Config, event: EventKind = 'click'): Promise<Service> {
  const admin = createKafka(kafkaAddress(config), 'test-kill', log).admin();
  await admin.connect();
  const loop = repeat(ARCHIVE_EVERY_MS, async () => {
    const upTo = Object.fromEntries(await endOffsetsOf(admin, [PLURAL[event]]));
    requestFlush(archiveDirOf(config, event), 'test-kill', upTo);
  });
  return {
    async stop() {
      await loop.stop();
      await admin.disconnect();
    },
  };
}
