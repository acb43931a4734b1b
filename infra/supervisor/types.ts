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

export type ProcessState = 'starting' | 'ready' | 'restarting' | 'stopped';

/** One row of DATA_DIR/run/supervisor.json. */
export interface ProcessRow {
  name: string;
  kind: 'engine' | 'role';
  pid: number | null;
  state: ProcessState;
  restarts: number;
  /** ISO time of the current start; null before the first. */
  startedAt: string | null;
}

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
