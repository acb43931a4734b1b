import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventKind } from '../domain/event_kinds.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { BIN } from './platform.ts';

/** A nightly run may hold the day's lock for minutes on a busy machine. */
const REBUILD_ATTEMPTS = 30;

/** Repeats rebuilds of the ended days, each in a process that may be killed: of clicks, and at the end of all kinds. */
export class Rebuilds {
  readonly #env: Record<string, string>;
  readonly #days: string[];
  #child: ChildProcess | undefined;
  #ended = false;
  published = 0;

  constructor(env: Record<string, string>, days: string[]) {
    this.#env = env;
    this.#days = days;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async goOn(): Promise<void> {
    for (let i = 0; !this.#ended; i++) {
      await this.#rebuild('click', this.#days[i % this.#days.length] as string).catch(() => {});
      await delay(1_000);
    }
  }

  end(): void {
    this.#ended = true;
  }

  /** One final rebuild of each kind's days, with all of their events; a nightly run of the day is waited for. */
  async lastOnes(days: readonly { event: EventKind; day: string }[]): Promise<void> {
    for (const { event, day } of days) {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#rebuild(event, day);
          break;
        } catch (error) {
          if (attempt === REBUILD_ATTEMPTS) throw error;
          await delay(5_000);
        }
      }
    }
  }

  #rebuild(event: EventKind, day: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const args = [
        'rebuild',
        '--from',
        day,
        '--to',
        dayOf(Date.parse(day) + DAY_MS),
        '--reason',
        'prove',
        '--event',
        event,
      ];
      const child = spawn(process.execPath, [BIN, ...args], {
        env: { ...process.env, ...this.#env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      this.#child = child;
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-2_000);
      });
      child.once('close', (code) => {
        this.#child = undefined;
        if (code === 0) this.published += 1;
        if (code === 0) resolve();
        else reject(new Error(`rebuild of ${event} ${day} ended with ${code}:\n${said}`));
      });
    });
  }
}
