import { z } from 'zod';
import { time } from '../../domain/fields.ts';

/** The command to run. `wrapper` is a command prefix that changes its user (unshare, setpriv). */
export interface SpawnSpec {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** `pipe`: held open by the supervisor, so that its end tells the process that the supervisor has ended. */
  stdin?: 'pipe' | 'ignore';
  wrapper?: string[];
}

/** A loopback port that the process will listen on, and the setting that chooses it. */
export interface ClaimedPort {
  setting: string;
  port: number;
}

export interface ProcessDefinition {
  name: string;
  kind: 'engine' | 'role';
  /** Names of processes that must be ready before this one starts, at first and after each restart. */
  dependsOn?: readonly string[];
  /** Names of processes that must be ready before its first start only. */
  startsAfter?: readonly string[];
  ports?: readonly ClaimedPort[];
  /** Runs before each start. */
  prepare?(): Promise<void>;
  command(): SpawnSpec;
  /** One probe: whether the process does its work now. Without a probe, a running process is ready. */
  ready?(): Promise<boolean>;
}

const processState = z.enum(['starting', 'ready', 'restarting', 'stopped']);
export type ProcessState = z.infer<typeof processState>;

/** One row of DATA_DIR/run/supervisor.json. */
export const processRow = z.object({
  name: z.string(),
  kind: z.enum(['engine', 'role']),
  pid: z.int().min(1).nullable(),
  state: processState,
  restarts: z.int().min(0),
  /** When the current process was started; null before the first. */
  startedAt: time.nullable(),
});
export type ProcessRow = z.infer<typeof processRow>;

export interface ProcessEvent {
  name: string;
  kind: 'engine' | 'role';
  state: ProcessState;
  /** Since the current start (since the first one, for the first `ready`). */
  ms: number;
  /** The reason, if a process ended by itself. */
  reason?: string;
}

/** A failure that needs manual action before the start can succeed; the message is one line. */
export class StartError extends Error {}
