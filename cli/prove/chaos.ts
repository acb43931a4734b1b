import { setTimeout as delay } from 'node:timers/promises';
import { readState } from '../../infra/supervisor/state-file.ts';
import { type Blow, PAUSE_MS } from './schedule.ts';

interface Chaos {
  /** Of each target, how often it was struck. */
  kills: Record<string, number>;
  pauses: Record<string, number>;
}

/** Deals the blows at their times; a target that is just not there is waited for. Ends when the last one was dealt. */
export async function strike(options: {
  dataDir: string;
  blows: Blow[];
  /** The rebuild that runs now. */
  rebuildPid: () => number | undefined;
  report: (line: string) => void;
}): Promise<Chaos> {
  const { dataDir, blows, rebuildPid, report } = options;
  const chaos: Chaos = { kills: {}, pauses: {} };
  const startedAt = Date.now();
  const waking: Promise<void>[] = [];
  const pidOf = (target: string): number | undefined =>
    target === 'rebuild'
      ? rebuildPid()
      : (readState(dataDir)?.processes.find(({ name }) => name === target)?.pid ?? undefined);

  for (const { atMs, target, kind } of blows) {
    await delay(Math.max(0, startedAt + atMs - Date.now()));
    const pid = await untilThere(() => pidOf(target));
    if (pid === undefined || !send(pid, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP')) continue;
    const counts = kind === 'kill' ? chaos.kills : chaos.pauses;
    counts[target] = (counts[target] ?? 0) + 1;
    report(`${kind} ${target} (process ${pid})`);
    if (kind === 'pause') waking.push(delay(PAUSE_MS).then(() => void send(pid, 'SIGCONT')));
  }
  await Promise.all(waking);
  return chaos;
}

async function untilThere(find: () => number | undefined): Promise<number | undefined> {
  for (let tries = 0; tries < 50; tries++) {
    const pid = find();
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
