import { setTimeout as delay } from 'node:timers/promises';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { killAt } from './failpoints/orders.ts';
import { type FailpointFault, type Fault, PAUSE_MS, type Schedule } from './schedule.ts';

export interface InjectedFaults {
  /** Kills per target, at random moments and at failpoints. */
  kills: Record<string, number>;
  /** Pauses per target after which it woke up. */
  pauses: Record<string, number>;
  /** By process and failpoint, how often it was killed there. */
  points: Record<string, Record<string, number>>;
  /** What was to happen and did not, in words: a run that injects less than it says proves less than it says. */
  missed: string[];
}

interface FaultedPlatform {
  dataDir: string;
  /** The rebuild that runs now. */
  rebuildPid: () => number | undefined;
  report: (line: string) => void;
}

const LIMITS = {
  /** How long after the last fault was due a process may still reach the failpoint that it was given. */
  afterLastMs: 10_000,
  /** A role that has run for this long, with everything that it gets its work from, has passed each of its failpoints. */
  roleMs: 15_000,
  /** Nightly runs and rebuilds come about once a minute. */
  runMs: 90_000,
};
const POLL_MS = 250;

/** Injects the scheduled faults, each at its time; a target that is not running at the moment is waited for. */
export async function injectFaults(
  { random, atFailpoints }: Schedule,
  platform: FaultedPlatform,
  limits = LIMITS,
): Promise<InjectedFaults> {
  const injected: InjectedFaults = { kills: {}, pauses: {}, points: {}, missed: [] };
  const startedAt = Date.now();
  const until = (atMs: number): Promise<void> => delay(Math.max(0, startedAt + atMs - Date.now()));
  /** Processes that are stopped at the moment; the supervisor takes them for running. */
  const paused = new Set<number>();
  const targets = [...new Set(atFailpoints.map(({ target }) => target))];
  const lastMs = startedAt + Math.max(...atFailpoints.map(({ atMs }) => atMs)) + limits.afterLastMs;
  await Promise.all([
    injectAtRandom(random, platform, injected, until, paused),
    // Sequentially for one process: it can be at only one failpoint at a time.
    ...targets.map((target) =>
      killAtFailpoints(
        atFailpoints.filter((one) => one.target === target),
        platform,
        injected,
        until,
        lastMs,
        limits,
        paused,
      ),
    ),
  ]);
  const scheduled = new Set(
    [...random.filter(({ kind }) => kind === 'kill'), ...atFailpoints].map(({ target }) => target),
  );
  for (const target of scheduled) if (!injected.kills[target]) injected.missed.push(`${target} was never killed`);
  return injected;
}

async function injectAtRandom(
  faults: Fault[],
  { dataDir, rebuildPid, report }: FaultedPlatform,
  injected: InjectedFaults,
  until: (atMs: number) => Promise<void>,
  paused: Set<number>,
): Promise<void> {
  const wakeUps: Promise<void>[] = [];
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
  platform: FaultedPlatform,
  injected: InjectedFaults,
  until: (atMs: number) => Promise<void>,
  lastMs: number,
  limits: typeof LIMITS,
  paused: ReadonlySet<number>,
): Promise<void> {
  const { dataDir, report } = platform;
  for (const { atMs, target, point } of faults) {
    await until(atMs);
    const running = runningTime(() => isAtWork(platform, target, paused));
    const isReached = await killAt(dataDir, target, point, lastMs);
    const ranMs = running.end();
    if (!isReached) {
      const isLong = ranMs >= (target === 'nightly' || target === 'rebuild' ? limits.runMs : limits.roleMs);
      if (isLong) injected.missed.push(`${target} ran for ${Math.round(ranMs / 1_000)} s without reaching "${point}"`);
      return;
    }
    count(injected.kills, target);
    injected.points[target] ??= {};
    count(injected.points[target], point);
    report(`kill ${target} ${point}`);
  }
}

/**
 * Whether it does its work now, as far as the supervisor can tell; a rebuild is a process beside the platform. Other roles
 * than the nightly one have nothing to do while any process that their work comes from is away.
 */
function isAtWork({ dataDir, rebuildPid }: FaultedPlatform, target: string, paused: ReadonlySet<number>): boolean {
  if (target === 'rebuild') return rebuildPid() !== undefined;
  const processes = readPlatformState(dataDir)?.processes ?? [];
  const needed = target === 'nightly' ? processes.filter(({ name }) => name === target) : processes;
  return needed.length > 0 && needed.every(({ state, pid }) => state === 'ready' && pid !== null && !paused.has(pid));
}

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
