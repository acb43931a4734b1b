import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeJsonAtomically } from '../../infra/files.ts';
import type { RoleName } from '../../infra/role.ts';
import { eventOf, type FailpointTarget } from './failpoints.ts';

const PRELOAD = new URL('preload.mjs', import.meta.url).href;
const folderOf = (dataDir: string): string => join(dataDir, 'kill-orders');

/** Settings under which the processes of a platform, and a rebuild beside it, obey kill orders. */
export function withFailpoints(dataDir: string): Record<string, string> {
  mkdirSync(folderOf(dataDir), { recursive: true });
  return { CLICKLEDGER_KILL_ORDERS: folderOf(dataDir), NODE_OPTIONS: `--import ${PRELOAD}` };
}

/** Makes a process SIGKILL itself the next time it reaches a failpoint. False if it has not by `untilMs`. */
export const killAt = (dataDir: string, target: FailpointTarget, point: string, untilMs: number): Promise<boolean> =>
  killOn(dataDir, target, eventOf(target, point), untilMs);

/** Like `killAt`, with an event as in preload.mjs. SIGSTOP: the process only stops, until it gets SIGCONT. */
export async function killOn(
  dataDir: string,
  process: string,
  event: string,
  untilMs: number,
  signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL',
): Promise<boolean> {
  const order = join(folderOf(dataDir), `${process}.json`);
  writeJsonAtomically(order, { event, signal });
  while (existsSync(order)) {
    if (Date.now() > untilMs) {
      rmSync(order, { force: true });
      return false;
    }
    await delay(20);
  }
  return true;
}

/** Has the wall clock of a role be that far ahead, from the next moment on and over restarts. Negative: behind; 0: right. */
export const setClock = (dataDir: string, role: RoleName, aheadMs: number): void =>
  writeJsonAtomically(join(folderOf(dataDir), `clock-${role}.json`), { aheadMs });
