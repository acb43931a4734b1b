import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, failuresAfter } from './backoff.ts';
import { logPath } from './log_file.ts';
import { untilFree } from './ports.ts';
import { type RunningProcess, startProcess } from './process.ts';
import {
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessRow,
  type ProcessState,
  type SpawnSpec,
  StartError,
} from './types.ts';

const PROBE_EVERY_MS = 200;
/** Long: on a busy machine, killing and restarting would never end. */
const READY_LIMIT_MS = 600_000;
const PORT_FREE_LIMIT_MS = 30_000;
/** Deaths before the first readiness that make the start a failure; later ones are restarted without limit. */
const FIRST_START_ATTEMPTS = 5;

interface Surroundings {
  dataDir: string;
  dependencies: readonly Child[];
  startsAfter: readonly Child[];
  onChange: (event: ProcessEvent) => void;
}

/** One process: started, probed, and restarted whenever it ends, until it is stopped. */
export class Child {
  readonly definition: ProcessDefinition;
  readonly #around: Surroundings;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #stopping = new AbortController();
  readonly #stopRequested: Promise<unknown>;
  #state: ProcessState = 'starting';
  #process: RunningProcess | undefined;
  #startedAt = 0;
  #readyAt: number | undefined;
  #everReady = false;
  #restarts = 0;
  #failure: StartError | undefined;
  /** Set by a probe that found a fault which needs manual action. */
  #isPermanent = false;
  #loop: Promise<void> | undefined;

  constructor(definition: ProcessDefinition, around: Surroundings) {
    this.definition = definition;
    this.#around = around;
    this.#stopRequested = once(this.#stopping.signal, 'abort');
  }

  row(): ProcessRow {
    const { name, kind } = this.definition;
    const startedAt = this.#startedAt === 0 ? null : new Date(this.#startedAt).toISOString();
    return { name, kind, pid: this.#process?.pid ?? null, state: this.#state, restarts: this.#restarts, startedAt };
  }

  get isStarted(): boolean {
    return this.#loop !== undefined;
  }

  start(): void {
    this.#loop ??= this.#keepRunning();
  }

  /** Resolves as soon as it is ready; rejects with a StartError when it was given up or stopped. */
  async untilReady(): Promise<void> {
    while (this.#state !== 'ready') {
      if (this.#state === 'stopped') throw this.#failure ?? new StartError(`${this.definition.name} was stopped`);
      await once(this.#changes, 'change');
    }
  }

  /** SIGTERM, then SIGKILL after the limit. Resolves when none of its processes is left. */
  async stop(limitMs: number): Promise<void> {
    if (!this.isStarted) return;
    this.#stopping.abort();
    await this.#process?.stop(limitMs);
    await this.#loop;
    if (this.#state !== 'stopped') this.#change('stopped');
  }

  async #keepRunning(): Promise<void> {
    const since = performance.now();
    for (let failures = 0; ; ) {
      const { reason, isPermanent } = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      failures = failuresAfter(failures, this.#readyAt === undefined ? undefined : performance.now() - this.#readyAt);
      const tooOften = failures >= FIRST_START_ATTEMPTS || performance.now() - since > READY_LIMIT_MS;
      if ((tooOften || isPermanent) && !this.#everReady) return this.#giveUp(reason);
      this.#restarts += 1;
      this.#change('restarting', reason);
      await sleep(backoffMs(failures), undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
    }
  }

  /** From waiting for its dependencies to its end. Returns why it ended, and whether a restart is pointless. */
  async #runOnce(): Promise<{ reason: string; isPermanent: boolean }> {
    const { name, kind } = this.definition;
    this.#readyAt = undefined;
    let spec: SpawnSpec;
    try {
      await Promise.race([this.#makeReadyToStart(), this.#stopRequested]);
      spec = this.definition.command();
    } catch (error) {
      return {
        reason: error instanceof Error ? error.message : String(error),
        isPermanent: error instanceof StartError,
      };
    }
    if (this.#stopping.signal.aborted) return { reason: 'stopped', isPermanent: false };
    const running = startProcess(spec, { dataDir: this.#around.dataDir, name, kind });
    this.#process = running;
    this.#change(this.#restarts === 0 ? 'starting' : 'restarting');
    void this.#probeUntilReady(running);
    const reason = await running.ended;
    this.#process = undefined;
    return { reason, isPermanent: this.#isPermanent };
  }

  async #makeReadyToStart(): Promise<void> {
    const { dependencies, startsAfter } = this.#around;
    const awaited = this.#startedAt === 0 ? [...dependencies, ...startsAfter] : dependencies;
    await Promise.all(awaited.map((child) => child.untilReady()));
    await untilFree(this.definition.ports ?? [], PORT_FREE_LIMIT_MS);
    this.#startedAt = performance.now();
    await this.definition.prepare?.();
  }

  async #probeUntilReady(running: RunningProcess): Promise<void> {
    let why = 'it does not answer';
    while (this.#process === running) {
      // A probe that throws means not ready yet, like false; unless no later one can succeed.
      const ready = await (this.definition.ready?.() ?? Promise.resolve(true)).catch((error: unknown) => {
        if (error instanceof StartError) {
          this.#isPermanent = true;
          running.kill(error.message);
        }
        why = error instanceof Error ? error.message : String(error);
        return false;
      });
      if (this.#process !== running || this.#stopping.signal.aborted) return;
      if (ready) {
        this.#readyAt = performance.now();
        this.#everReady = true;
        return this.#change('ready');
      }
      if (performance.now() - this.#startedAt > READY_LIMIT_MS) {
        return running.kill(`killed because it was not ready after ${READY_LIMIT_MS / 1000} s: ${why}`);
      }
      await sleep(PROBE_EVERY_MS);
    }
  }

  #giveUp(reason: string): void {
    const { name, kind } = this.definition;
    const log = logPath(this.#around.dataDir, kind, name);
    this.#failure = new StartError(`${name} did not start: ${reason}; see ${log}`);
    this.#change('stopped', reason);
  }

  #change(state: ProcessState, reason?: string): void {
    this.#state = state;
    const { name, kind } = this.definition;
    const ms = this.#startedAt === 0 ? 0 : performance.now() - this.#startedAt;
    this.#around.onChange({ name, kind, state, ms, ...(reason !== undefined && { reason }) });
    this.#changes.emit('change');
  }
}
