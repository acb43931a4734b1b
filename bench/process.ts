import { readFileSync } from 'node:fs';
import { logPath } from '../infra/supervisor/log_file.ts';
import { startProcess } from '../infra/supervisor/process.ts';
import type { SpawnSpec } from '../infra/supervisor/types.ts';
import { until } from './until.ts';

const STOP_LIMIT_MS = 12_000;
const SHOWN_LOG_CHARACTERS = 2_000;

export interface Running {
  pid: number;
  /** Throws if it has ended unexpectedly. */
  check(): void;
  stop(): Promise<void>;
  /** Its output so far. */
  said(): string;
  /** Waits until this appears in its output; rejects if it ends without. */
  says(words: string): Promise<void>;
  /** Waits until it has done its work; rejects if that failed. */
  done(): Promise<void>;
}

/** A process to be measured. It ends with this one at the latest. */
export function start(name: string, dataDir: string, spec: SpawnSpec): Running {
  const running = startProcess(spec, { dataDir, kind: 'role', name });
  let ended: string | undefined;
  running.ended.then((reason) => {
    ended = reason;
  });
  const said = (): string => readFileSync(logPath(dataDir, 'role', name), 'utf8');
  const failure = (): Error => new Error(`${name} ${ended}:\n${said().slice(-SHOWN_LOG_CHARACTERS)}`);
  const check = (): void => {
    if (ended !== undefined) throw failure();
  };
  return {
    pid: Number(running.pid),
    said,
    check,
    says: (words) =>
      until(`${name} says "${words}"`, async () => {
        // It may have ended since, after doing all its work.
        if (said().includes(words)) return true;
        check();
        return false;
      }),
    async done() {
      if ((await running.ended) !== 'ended with exit code 0') throw failure();
    },
    stop: () => running.stop(STOP_LIMIT_MS),
  };
}
