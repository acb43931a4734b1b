/** One thing that is counted in two places. */
interface Side {
  what: string;
  left: number;
  right: number;
}

/** What must be equal, always. */
export interface Conservation {
  rule: string;
  left: number;
  right: number;
  ok: boolean;
  /** Of a broken rule: where the two differ, the first few of `places` places, and what to do. */
  broken?: { places: number; first: Side[]; advice: string };
}

const NAMED = 20;

/** Adds up both sides of a rule, and remembers where they differ: too much here does not make up for too little there. */
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

  rule(rule: string, advice: string): Conservation {
    const [left, right, ok] = [this.#left, this.#right, this.#places === 0];
    return { rule, left, right, ok, ...(!ok && { broken: { places: this.#places, first: this.#first, advice } }) };
  }
}
