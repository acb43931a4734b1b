import { setTimeout as delay } from 'node:timers/promises';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { killAt } from './failpoints/orders.ts';
import { type FailpointFault, type Fault, PAUSE_MS, type Schedule } from './schedule.ts';

export interface InjectedFaults {
  /** Kills per target, at random moments and at failpoints. */
  kills: Record<string, number>;
  /** Pauses per target after which it woke up. */
  pauses: Record<string, number>;
  /** Kills per process and failpoint. */
  points: Record<string, Record<string, number>>;
}

interface FaultedPlatform {
  dataDir: string;
  /** The rebuild that runs now. */
  rebuildPid: () => number | undefined;
  report: (line: string) => void;
}

/** How long after the last scheduled fault a process may still reach its failpoint. */
const AIM_LIMIT_MS = 10_000;

/** Injects the scheduled faults, each at its time; a target that is not running at the moment is waited for. */
export async function injectFaults(
  { random, atFailpoints }: Schedule,
  platform: FaultedPlatform,
): Promise<InjectedFaults> {
  const injected: InjectedFaults = { kills: {}, pauses: {}, points: {} };
  const startedAt = Date.now();
  const until = (atMs: number): Promise<void> => delay(Math.max(0, startedAt + atMs - Date.now()));
  const targets = [...new Set(atFailpoints.map(({ target }) => target))];
  const lastMs = startedAt + Math.max(...atFailpoints.map(({ atMs }) => atMs)) + AIM_LIMIT_MS;
  await Promise.all([
    injectAtRandom(random, platform, injected, until),
    // Sequentially for one process: it can be at only one failpoint at a time.
    ...targets.map((target) =>
      killAtFailpoints(
        atFailpoints.filter((one) => one.target === target),
        platform,
        injected,
        until,
        lastMs,
      ),
    ),
  ]);
  return injected;
}

async function injectAtRandom(
  faults: Fault[],
  { dataDir, rebuildPid, report }: FaultedPlatform,
  injected: InjectedFaults,
  until: (atMs: number) => Promise<void>,
): Promise<void> {
  const wakeUps: Promise<void>[] = [];
  const paused = new Set<number>();
  const pidOf = (target: string): number | undefined =>
    target === 'rebuild'
      ? rebuildPid()
      : (readPlatformState(dataDir)?.processes.find(({ name }) => name === target)?.pid ?? undefined);

  for (const { atMs, target, kind } of faults) {
    await until(atMs);
    const pid = await untilHit(() => {
      const found = pidOf(target);
      // A paused process is not hit again before it wakes.
      return found !== undefined && !paused.has(found) && send(found, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP')
        ? found
        : undefined;
    });
    if (pid === undefined) continue;
    report(`${kind} ${target} (process ${pid})`);
    if (kind === 'kill') {
      count(injected.kills, target);
      continue;
    }
    paused.add(pid);
    const wake = (): void => {
      if (send(pid, 'SIGCONT')) count(injected.pauses, target);
      paused.delete(pid);
    };
    wakeUps.push(delay(PAUSE_MS).then(wake));
  }
  await Promise.all(wakeUps);
}

async function killAtFailpoints(
  faults: FailpointFault[],
  { dataDir, report }: FaultedPlatform,
  injected: InjectedFaults,
  until: (atMs: number) => Promise<void>,
  lastMs: number,
): Promise<void> {
  for (const { atMs, target, point } of faults) {
    await until(atMs);
    if (!(await killAt(dataDir, target, point, lastMs))) return;
    count(injected.kills, target);
    injected.points[target] ??= {};
    count(injected.points[target], point);
    report(`kill ${target} ${point}`);
  }
}

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** The process may be restarting at the moment. */
async function untilHit(hit: () => number | undefined): Promise<number | undefined> {
  for (let tries = 0; tries < 50; tries++) {
    const pid = hit();
    if (pid !== undefined) return pid;
    await delay(100);
  }
  return undefined;
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
