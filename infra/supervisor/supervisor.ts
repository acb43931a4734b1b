import { mkdirSync, statSync } from 'node:fs';
import { tryLock } from '../lock.mjs';
import { repeat } from '../repeat.ts';
import type { Service } from '../role.ts';
import { Child } from './child.ts';
import { logPath, rotateLog } from './log_file.ts';
import { checkParentDeathSignal } from './parent_death.ts';
import { checkPorts } from './ports.ts';
import { readPlatformState, writeState } from './state_file.ts';
import { type ProcessDefinition, type ProcessEvent, type ProcessRow, StartError } from './types.ts';

// Together below the 25 s limit of a stop.
const ROLE_STOP_LIMIT_MS = 12_000;
const ENGINE_STOP_LIMIT_MS = 11_000;

const LOGS_MS = 10_000;

/** Starts processes, restarts those that die, and stops them in order. One at a time per DATA_DIR. */
export class Supervisor {
  readonly #dataDir: string;
  readonly #onEvent: (event: ProcessEvent) => void;
  readonly #children = new Map<string, Child>();
  #unlock: (() => Promise<void>) | undefined;
  #logs: Service | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: { dataDir: string; onEvent: (event: ProcessEvent) => void }) {
    this.#dataDir = options.dataDir;
    this.#onEvent = options.onEvent;
  }

  /** Takes effect at the next start(). Its dependencies must have been added before it. */
  add(definition: ProcessDefinition): void {
    const named = (names: readonly string[] = []): Child[] =>
      names.map((name) => {
        const child = this.#children.get(name);
        if (child === undefined) throw new Error(`${definition.name} depends on ${name}, which was not added`);
        return child;
      });
    const dependencies = named(definition.dependsOn);
    const startsAfter = named(definition.startsAfter);
    const onChange = (event: ProcessEvent): void => {
      this.#writeState();
      this.#onEvent(event);
    };
    this.#children.set(
      definition.name,
      new Child(definition, { dataDir: this.#dataDir, dependencies, startsAfter, onChange }),
    );
  }

  /**
   * Starts, in parallel, all that were added since the last call. Resolves when they are ready, except those named in
   * `later`: wait for these with untilReady(). Rejects with a StartError (one line) if one cannot start; stop() must
   * still be called then.
   */
  async start(later: readonly string[] = []): Promise<void> {
    await this.lock();
    const added = [...this.#children.values()].filter((child) => !child.isStarted);
    await checkPorts(added.flatMap((child) => child.definition.ports ?? []));
    for (const child of added) child.start();
    this.#logs ??= repeat(LOGS_MS, async () => this.#rotateLogs());
    await this.#untilReady(added.filter(({ definition }) => !later.includes(definition.name)));
  }

  /** Resolves when all are ready; rejects with a StartError when one cannot start. */
  untilReady(): Promise<void> {
    return this.#untilReady([...this.#children.values()]);
  }

  async #untilReady(children: Child[]): Promise<void> {
    await Promise.all(children.map((child) => child.untilReady()));
  }

  rows(): ProcessRow[] {
    return [...this.#children.values()].map((child) => child.row());
  }

  /** A full disk, for instance, must not end the supervisor: the next round tries again. */
  #rotateLogs(): void {
    for (const { definition } of this.#children.values()) {
      try {
        rotateLog(logPath(this.#dataDir, definition.kind, definition.name));
      } catch (error) {
        process.stderr.write(`the log of ${definition.name} is not rotated: ${(error as Error).message}\n`);
      }
    }
  }

  /** Roles first, then engines. Resolves within 25 s, when no process is left. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    for (const [kind, limitMs] of [
      ['role', ROLE_STOP_LIMIT_MS],
      ['engine', ENGINE_STOP_LIMIT_MS],
    ] as const) {
      const children = [...this.#children.values()].filter((child) => child.definition.kind === kind);
      await Promise.all(children.map((child) => child.stop(limitMs)));
    }
    await this.#logs?.stop();
    await this.#unlock?.();
  }

  /** Takes DATA_DIR for this supervisor. Rejects with a StartError if another one has it. */
  async lock(): Promise<void> {
    if (this.#unlock) return;
    checkParentDeathSignal();
    mkdirSync(this.#dataDir, { recursive: true });
    // Identifies the folder itself, whichever path leads to it.
    const { dev, ino } = statSync(this.#dataDir);
    this.#unlock = await tryLock(`supervisor ${dev}:${ino}`);
    if (this.#unlock) return;
    const holder = readPlatformState(this.#dataDir);
    const who = holder ? ` (process ${holder.pid})` : '';
    throw new StartError(`DATA_DIR: ${this.#dataDir} is in use by another clickledger${who}`);
  }

  #writeState(): void {
    writeState(this.#dataDir, this.rows());
  }
}
