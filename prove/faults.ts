import { setTimeout as delay } from 'node:timers/promises';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { killAt } from './failpoints/orders.ts';
import { type FailpointFault, type Fault, PAUSE_MS, type Schedule } from './schedule.ts';

export interface InjectedFaults {
  /** Of each target, how often it was killed, at a random moment or at a point. */
  kills: Record<string, number>;
  /** Of each target, how often it woke after a pause. */
  pauses: Record<string, number>;
  /** By process and failpoint, how often it was killed there. */
  points: Record<string, Record<string, number>>;
  /** What was to happen and did not, in words: a run that injects less than it says proves less than it says. */
  missed: string[];
}

interface Battlefield {
  dataDir: string;
  /** The rebuild that runs now. */
  rebuildPid: () => number | undefined;
  report: (line: string) => void;
}

const LIMITS = {
  /** How long after the last fault was due a process may still reach the failpoint that it was given. */
  afterLastMs: 10_000,
  /** A role that has run for this long under traffic has passed each of its failpoints. */
  roleMs: 30_000,
  /** Nightly runs and rebuilds come about once a minute. */
  runMs: 90_000,
};
const POLL_MS = 250;

/** Deals what is scheduled, each thing at its time; a target that is just not there is waited for. */
export async function injectFaults(
  { blows, aimed }: Schedule,
  field: Battlefield,
  limits = LIMITS,
): Promise<InjectedFaults> {
  const chaos: InjectedFaults = { kills: {}, pauses: {}, points: {}, missed: [] };
  const startedAt = Date.now();
  const until = (atMs: number): Promise<void> => delay(Math.max(0, startedAt + atMs - Date.now()));
  const targets = [...new Set(aimed.map(({ target }) => target))];
  const lastMs = startedAt + Math.max(...aimed.map(({ atMs }) => atMs)) + limits.afterLastMs;
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
        limits,
      ),
    ),
  ]);
  const scheduled = new Set([...blows.filter(({ kind }) => kind === 'kill'), ...aimed].map(({ target }) => target));
  for (const target of scheduled) if (!chaos.kills[target]) chaos.missed.push(`${target} was never killed`);
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
  field: Battlefield,
  chaos: InjectedFaults,
  until: (atMs: number) => Promise<void>,
  lastMs: number,
  limits: typeof LIMITS,
): Promise<void> {
  const { dataDir, report } = field;
  for (const { atMs, target, point } of aimed) {
    await until(atMs);
    const running = runningTime(() => isRunning(field, target));
    const isReached = await killAt(dataDir, target, point, lastMs);
    const ranMs = running.end();
    if (!isReached) {
      const isLong = ranMs >= (target === 'nightly' || target === 'rebuild' ? limits.runMs : limits.roleMs);
      if (isLong) chaos.missed.push(`${target} ran for ${Math.round(ranMs / 1_000)} s without reaching "${point}"`);
      return;
    }
    count(chaos.kills, target);
    chaos.points[target] ??= {};
    count(chaos.points[target], point);
    report(`kill ${target} ${point}`);
  }
}

/** Whether it does its work now, as far as the supervisor can tell; a rebuild is a process beside the platform. */
const isRunning = ({ dataDir, rebuildPid }: Battlefield, target: string): boolean =>
  target === 'rebuild'
    ? rebuildPid() !== undefined
    : readPlatformState(dataDir)?.processes.find(({ name }) => name === target)?.state === 'ready';

/** Adds up how long something is so, until its end is asked for. */
function runningTime(isSo: () => boolean): { end(): number } {
  let sumMs = 0;
  const timer = setInterval(() => {
    if (isSo()) sumMs += POLL_MS;
  }, POLL_MS);
  return {
    end() {
      clearInterval(timer);
      return sumMs;
    },
  };
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
