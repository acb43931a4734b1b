import { readFileSync } from 'node:fs';
import { logPath } from '../infra/supervisor/log-file.ts';
import { startProcess } from '../infra/supervisor/process.ts';
import type { SpawnSpec } from '../infra/supervisor/types.ts';

const STOP_LIMIT_MS = 12_000;
const SHOWN_LOG_CHARACTERS = 2_000;

export interface Running {
  pid: number;
  /** Throws when it has ended, which nobody asked for. */
  check(): void;
  stop(): Promise<void>;
}

/** A process to be measured. It ends with this one at the latest. */
export function start(name: string, dataDir: string, spec: SpawnSpec): Running {
  const running = startProcess(spec, { dataDir, kind: 'role', name });
  let ended: string | undefined;
  running.ended.then((reason) => {
    ended = reason;
  });
  return {
    pid: Number(running.pid),
    check() {
      if (ended === undefined) return;
      const said = readFileSync(logPath(dataDir, 'role', name), 'utf8').slice(-SHOWN_LOG_CHARACTERS);
      throw new Error(`${name} ${ended}:\n${said}`);
    },
    stop: () => running.stop(STOP_LIMIT_MS),
  };
}
