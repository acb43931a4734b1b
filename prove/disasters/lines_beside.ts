import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';
import { type Known, knownLines } from '../known_events.ts';

const LINES_PER_TICK: Record<EventKind, number> = { click: 10, impression: 3, conversion: 2 };
const TICK_MS = 100;

/**
 * Writes events before, during and after one disaster to a log of its own; some of those after it repeat ones from
 * before. None is of an ended day: Hive would take minutes to count it.
 */
export class LinesBeside {
  readonly #path: string;
  readonly #next: Record<EventKind, (nowMs: number) => string>;

  /** @param seed must not be used twice on one platform: ids are made of it */
  constructor(folder: string, name: string, seed: number, known: Known) {
    this.#path = join(folder, `${name}.log`);
    const of = (event: EventKind) => knownLines(event, { seed, endedDays: [], known });
    this.#next = { click: of('click'), impression: of('impression'), conversion: of('conversion') };
  }

  async write(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    while (Date.now() < end) {
      const lines = EVENT_KINDS.flatMap((event) =>
        Array.from({ length: LINES_PER_TICK[event] }, () => `${this.#next[event](Date.now())}\n`),
      );
      appendFileSync(this.#path, lines.join(''));
      await delay(TICK_MS);
    }
  }
}
