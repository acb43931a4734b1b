import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { requestFlush } from '../../batch/archive/requests.ts';
import { EVENT_KINDS, type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { type Admin, createKafka, endOffsetsOf } from '../../infra/clients/kafka.ts';
import { type Config, readConfig } from '../../infra/config.ts';
import { archiveDirOf } from '../../infra/kinds.ts';
import { createLog } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { readPlatformState } from '../../infra/supervisor/state_file.ts';
import type { Known } from '../known_events.ts';
import { BIN, type Platform, startPlatform } from '../platform.ts';
import type { LinesBeside } from './lines_beside.ts';

const COMMAND_LIMIT_MS = 300_000;
const CHECK_EVERY_MS = 500;
const LIMIT_EVERY_MS = 50;
const log = createLog('prove');
log.level = 'silent';

/** The platform that disasters happen to: it can be stopped, harmed and started again. */
export class Site {
  readonly env: Record<string, string>;
  readonly config: Config;
  readonly known: Known;
  /** Days that have a run of Hive with all that was written of them. */
  ended: { event: EventKind; day: string }[] = [];
  /** More events, written while a disaster happens. */
  lines: LinesBeside | null = null;
  #platform: Platform | null;

  constructor(platform: Platform, known: Known) {
    this.#platform = platform;
    this.env = platform.env;
    this.known = known;
    this.config = readConfig({ ...process.env, ...platform.env });
  }

  get isRunning(): boolean {
    return this.#platform !== null;
  }

  /** Whether the API answers, whatever. */
  isAnswering(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.config.api.port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** A path in the folder of its data. */
  path(...names: string[]): string {
    return join(this.config.dataDir, ...names);
  }

  /** Rejects, with what it printed, if it does not become ready. */
  async start(): Promise<void> {
    this.#platform ??= await startPlatform(this.env);
  }

  /** Returns which of its processes were left; none if it does not run. */
  async stop(): Promise<string[]> {
    const platform = this.#platform;
    this.#platform = null;
    return (await platform?.stop())?.left ?? [];
  }

  /** Copies a folder of the stopped platform; returns the function that puts the copy in its place. */
  keepCopy(...names: string[]): () => void {
    const [folder, copy] = [this.path(...names), this.path('copies', ...names)];
    rmSync(copy, { recursive: true, force: true });
    // A pipe that a process was told to stop by holds nothing.
    const filter = (path: string): boolean => !lstatSync(path).isFIFO();
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true, filter });
    return () => {
      rmSync(folder, { recursive: true });
      renameSync(copy, folder);
    };
  }

  /** The process of a role or engine, by the supervisor's last word. */
  pidOf(name: string): number {
    const pid = this.pidIfAny(name);
    if (pid === null) throw new Error(`${name} does not run`);
    return pid;
  }

  /** Null: it does not run now. */
  pidIfAny(name: string): number | null {
    return readPlatformState(this.config.dataDir)?.processes.find((process) => process.name === name)?.pid ?? null;
  }

  /** Runs a command of the platform to its end. */
  run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [BIN, ...args], {
        env: { ...process.env, ...this.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: COMMAND_LIMIT_MS,
        killSignal: 'SIGKILL',
      });
      let output = '';
      const keep = (chunk: Buffer): void => {
        output = `${output}${chunk}`.slice(-4_000);
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output: output.trim() }));
    });
  }

  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = createKafka(kafkaAddress(this.config), 'clickledger-prove', log).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Asks the archive to write everything that Kafka has, instead of when a file would be full. */
  async requestArchived(): Promise<void> {
    const names = await readPartitionNames(openRegister(this.config));
    await this.withAdmin(async (admin) => {
      for (const event of EVENT_KINDS) {
        const ends = await endOffsetsOf(admin, [PLURAL[event]], names);
        requestFlush(archiveDirOf(this.config, event), 'prove', Object.fromEntries(ends));
      }
    });
  }
}

/** Repeats until it is so. Returns the last answer if the time is over. */
export async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean, limitMs: number): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (isSo(answer) || Date.now() > end) return answer;
    await delay(CHECK_EVERY_MS);
  }
}

/** Stops a process where it stands, and has it go on when the work is done. */
export async function whileFrozen(pid: number, work: () => Promise<unknown>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** No file of a role can grow, in whatever process it is started again, until the work is done. */
export async function whileFull(site: Site, role: string, work: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  let limited: number | null = null;
  const limiting = (async () => {
    while (!isOver) {
      const pid = site.pidIfAny(role);
      if (pid !== null && pid !== limited) {
        await limitFiles(pid, '0:unlimited');
        limited = pid;
      }
      await delay(LIMIT_EVERY_MS);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await limiting;
    if (limited !== null) await limitFiles(limited, 'unlimited');
  }
}

/** A process that has ended meanwhile needs no limit. */
const limitFiles = (pid: number, size: string): Promise<unknown> =>
  promisify(execFile)('prlimit', [`--pid=${pid}`, `--fsize=${size}`]).catch((error: Error) => {
    if (existsSync(`/proc/${pid}`)) throw error;
  });
