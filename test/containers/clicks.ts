import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fact, lineOf } from '../../prove/oracle.ts';
import { eventually } from '../support/wait.ts';

const ADS = 20;
const BATCH = 100;
/** One batch each: 1,000 clicks a second. */
const TICK_MS = 100;
/** One line in ten is sent again under its id. */
const RESENT_EVERY = 10;
const COUNTED_LIMIT_MS = 120_000;

/** Clicks of one past day, and what is to be counted of them. */
export class Clicks {
  readonly #logs: string;
  readonly #dayMs: number;
  readonly #perAd = new Map<string, number>();
  #written = 0;
  lines = 0;

  constructor(logs: string, day: string) {
    this.#logs = logs;
    this.#dayMs = Date.parse(day);
  }

  get total(): number {
    return this.#written;
  }

  /** Appends a batch to the log; of some lines a copy. */
  write(): void {
    const facts = Array.from({ length: BATCH }, () => this.#next());
    const copies = facts.filter((_fact, i) => i % RESENT_EVERY === 0);
    const lines = [...facts, ...copies].map(lineOf);
    appendFileSync(`${this.#logs}/web.log`, `${lines.join('\n')}\n`);
    this.lines += lines.length;
  }

  /** Batch after batch, at a steady rate, for as long as the work takes. */
  async writeDuring(work: () => Promise<void>): Promise<void> {
    let isOver = false;
    const working = work().finally(() => {
      isOver = true;
    });
    for (; !isOver; await delay(TICK_MS)) this.write();
    await working;
  }

  #next(): Fact {
    const n = this.#written++;
    const ad = `box-${n % ADS}`;
    this.#perAd.set(ad, (this.#perAd.get(ad) ?? 0) + 1);
    return { ad, at: this.#dayMs + (n % 86_400) * 1_000, user: `u${n}`, ip: '10.0.0.1', country: 'NZ', id: `box-${n}` };
  }

  /** Resolves once every ad has exactly as many as were written. */
  async untilCounted(ask: (ad: string) => Promise<number>): Promise<void> {
    await eventually(
      'every click is counted',
      async () => (await this.#wrong(ask)).length === 0,
      COUNTED_LIMIT_MS,
      500,
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${(await this.#wrong(ask)).join(', ')}`);
    });
  }

  async #wrong(ask: (ad: string) => Promise<number>): Promise<string[]> {
    const wrong: string[] = [];
    for (const [ad, wanted] of this.#perAd) {
      const got = await ask(ad);
      if (got !== wanted) wrong.push(`${ad} has ${got} of ${wanted}`);
    }
    return wrong;
  }
}
