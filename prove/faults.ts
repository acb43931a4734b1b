import { setTimeout as delay } from 'node:timers/promises';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { killAt } from './failpoints/orders.ts';
import { type FailpointFault, type Fault, PAUSE_MS, type Schedule } from './schedule.ts';

export interface InjectedFaults {
  /** Of each target, how often it was killed, at a random moment or at a point. */
  kills: Record<string, number>;
  /** Of each target, how often it woke after a pause. */
  pauses: Record<string, number>;
  /** Of each process and point of it, how often it was killed there. */
  points: Record<string, Record<string, number>>;
}

interface Battlefield {
  dataDir: string;
  /** The rebuild that runs now. */
  rebuildPid: () => number | undefined;
  report: (line: string) => void;
}

/** How long after the last thing was due a process may still come by the point that is aimed at. */
const AIM_LIMIT_MS = 10_000;

/** Deals what is scheduled, each thing at its time; a target that is just not there is waited for. */
export async function injectFaults({ blows, aimed }: Schedule, field: Battlefield): Promise<InjectedFaults> {
  const chaos: InjectedFaults = { kills: {}, pauses: {}, points: {} };
  const startedAt = Date.now();
  const until = (atMs: number): Promise<void> => delay(Math.max(0, startedAt + atMs - Date.now()));
  const targets = [...new Set(aimed.map(({ target }) => target))];
  const lastMs = startedAt + Math.max(...aimed.map(({ atMs }) => atMs)) + AIM_LIMIT_MS;
  await Promise.all([
    strikeAnywhere(blows, field, chaos, until),
    // Of one process, one after the other: it can come by only one point at a time.
    ...targets.map((target) =>
      strikeAtPoints(
        aimed.filter((one) => one.target === target),
        field,
        chaos,
        until,
        lastMs,
      ),
    ),
  ]);
  return chaos;
}

async function strikeAnywhere(
  blows: Fault[],
  { dataDir, rebuildPid, report }: Battlefield,
  chaos: InjectedFaults,
  until: (atMs: number) => Promise<void>,
): Promise<void> {
  const waking: Promise<void>[] = [];
  const paused = new Set<number>();
  const pidOf = (target: string): number | undefined =>
    target === 'rebuild'
      ? rebuildPid()
      : (readPlatformState(dataDir)?.processes.find(({ name }) => name === target)?.pid ?? undefined);

  for (const { atMs, target, kind } of blows) {
    await until(atMs);
    const pid = await untilHit(() => {
      const found = pidOf(target);
      // A paused process is left to wake: that is what it was paused for.
      return found !== undefined && !paused.has(found) && send(found, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP')
        ? found
        : undefined;
    });
    if (pid === undefined) continue;
    report(`${kind} ${target} (process ${pid})`);
    if (kind === 'kill') {
      count(chaos.kills, target);
      continue;
    }
    paused.add(pid);
    const wake = (): void => {
      if (send(pid, 'SIGCONT')) count(chaos.pauses, target);
      paused.delete(pid);
    };
    waking.push(delay(PAUSE_MS).then(wake));
  }
  await Promise.all(waking);
}

async function strikeAtPoints(
  aimed: FailpointFault[],
  { dataDir, report }: Battlefield,
  chaos: InjectedFaults,
  until: (atMs: number) => Promise<void>,
  lastMs: number,
): Promise<void> {
  for (const { atMs, target, point } of aimed) {
    await until(atMs);
    if (!(await killAt(dataDir, target, point, lastMs))) return;
    count(chaos.kills, target);
    chaos.points[target] ??= {};
    count(chaos.points[target], point);
    report(`kill ${target} ${point}`);
  }
}

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** A process may be just being started again. */
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
