import type { ReasonCount } from '../../domain/rejected.ts';
import { iso } from '../../domain/time.ts';
import type { Rejection } from './rejection.ts';
import { cut, textOf } from './text.ts';

/** A line may be of any length, and one is kept for each reason. */
const MAX_EXAMPLE = 500;

/** Counts by reason, most frequent first. */
export class Survey {
  readonly #reasons = new Map<
    string,
    { count: number; redriven: number; firstMs: number; lastMs: number; example: string }
  >();

  add(rejection: Rejection, isRedriven: boolean): void {
    const { reason, atMs } = rejection;
    let found = this.#reasons.get(reason);
    if (!found) {
      found = { count: 0, redriven: 0, firstMs: atMs, lastMs: atMs, example: exampleOf(rejection) };
      this.#reasons.set(reason, found);
    }
    found.count++;
    if (isRedriven) found.redriven++;
    found.firstMs = Math.min(found.firstMs, atMs);
    found.lastMs = Math.max(found.lastMs, atMs);
  }

  get reasons(): ReasonCount[] {
    return [...this.#reasons]
      .map(([reason, { firstMs, lastMs, ...rest }]) => ({
        reason,
        ...rest,
        first_at: iso(firstMs),
        last_at: iso(lastMs),
      }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}

/** The latest ones, at most `limit`. */
export class Latest {
  readonly #limit: number;
  #kept: { rejection: Rejection; redriven: boolean }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(rejection: Rejection, redriven: boolean): void {
    this.#kept.push({ rejection, redriven });
    if (this.#kept.length >= 2 * this.#limit) this.#kept = this.all;
  }

  get all(): { rejection: Rejection; redriven: boolean }[] {
    return this.#kept.slice(-this.#limit);
  }
}

const exampleOf = (rejection: Rejection): string => cut(`${rejection.place}: ${textOf(rejection)}`, MAX_EXAMPLE);
