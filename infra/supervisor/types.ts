/** What to run. `wrapper` is a command in front of it that changes who runs it (unshare, setpriv). */
export interface SpawnSpec {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** `pipe`: held open by the supervisor, so that its end tells the process that the supervisor is gone. */
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
  /** One probe: whether the process does its work now. Without it, a process that runs is ready. */
  ready?(): Promise<boolean>;
}

export type ProcessState = 'starting' | 'ready' | 'restarting' | 'stopped';

/** One row of DATA_DIR/run/supervisor.json. */
export interface ProcessRow {
  name: string;
  kind: 'engine' | 'role';
  pid: number | null;
  state: ProcessState;
  restarts: number;
  /** ISO time of the present start; null before the first. */
  startedAt: string | null;
}

export interface ProcessEvent {
  name: string;
  kind: 'engine' | 'role';
  state: ProcessState;
  /** Since the present start (since the first one, for the first `ready`). */
  ms: number;
  /** Why, when a process ended unasked. */
  reason?: string;
}

/** Something a person must put right before the start can succeed; the message is one line. */
export class StartError extends Error {}
