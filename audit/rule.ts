import type { EventKind } from '../domain/event_kinds.ts';

/** One of two places where the same thing is counted. */
interface Side {
  what: string;
  left: number;
  right: number;
}

/** Two counts that must always be equal. */
export interface Conservation {
  event: EventKind;
  rule: string;
  left: number;
  right: number;
  ok: boolean;
  /** For a broken rule: the number of places that differ, the first few of them, and what to do. */
  broken?: { places: number; first: Side[]; advice: string };
}

/** A rule before it is said of which kind. */
export type Rule = Omit<Conservation, 'event'>;

const NAMED = 20;

/**
 * Sums both sides of a rule, and records where they differ: a surplus in one place does not offset a deficit in
 * another.
 */
export class Tally {
  #left = 0;
  #right = 0;
  #places = 0;
  readonly #first: Side[] = [];
  readonly #holds: (left: number, right: number) => boolean;

  constructor(holds = (left: number, right: number): boolean => left === right) {
    this.#holds = holds;
  }

  add(what: string, left: number, right: number): this {
    this.#left += left;
    this.#right += right;
    if (this.#holds(left, right)) return this;
    this.#places += 1;
    if (this.#first.length < NAMED) this.#first.push({ what, left, right });
    return this;
  }

  rule(rule: string, advice: string): Rule {
    const [left, right, ok] = [this.#left, this.#right, this.#places === 0];
    return { rule, left, right, ok, ...(!ok && { broken: { places: this.#places, first: this.#first, advice } }) };
  }
}
