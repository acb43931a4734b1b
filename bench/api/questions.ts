import { MINUTE_MS } from '../../domain/time.ts';
import { adName } from '../minutes.ts';
import { ADS, type Indexed } from './minutes.ts';

/** A range of minutes of one ad, `[from, to)`. */
export interface BenchQuestion {
  ad: string;
  from: number;
  to: number;
}

/** A server's path for a question. */
export type PathOf = (question: BenchQuestion) => string;

/** Prime steps, so that neighbours ask for neither the same ads nor the same times. */
const [AD_STEP, MINUTE_STEP] = [37, 7];
const LONGEST_MINUTES = 60;

/**
 * Questions for an hour each, or for half of the indexed range, at any minute of the day. No two are equal until every
 * ad was asked for at every minute; later ones are a minute shorter.
 */
export function questionAt(n: number, { fromMs, toMs }: Pick<Indexed, 'fromMs' | 'toMs'>): BenchQuestion {
  const minutes = Math.floor((toMs - fromMs) / MINUTE_MS);
  const longest = Math.min(LONGEST_MINUTES, Math.ceil(minutes / 2));
  const starts = minutes - longest + 1;
  const time = Math.floor(n / ADS);
  const length = longest - Math.floor(time / starts);
  if (length < 1) throw new Error(`there are only ${ADS * starts * longest} different questions`);
  const from = fromMs + (((n % ADS) * MINUTE_STEP + time) % starts) * MINUTE_MS;
  return { ad: adName((n * AD_STEP) % ADS), from, to: from + length * MINUTE_MS };
}

/** Number of questions for repeated requests; new questions differ from them. */
const REPEATED = 500;

export const repeatedPaths = (indexed: Indexed, path: PathOf): string[] =>
  Array.from({ length: REPEATED }, (_, n) => path(questionAt(n, indexed)));

/** Questions that were never asked before: no answer can come from a cache. */
export class NewQuestions {
  readonly #indexed: Indexed;
  #asked = REPEATED;

  constructor(indexed: Indexed) {
    this.#indexed = indexed;
  }

  paths(count: number, path: PathOf): string[] {
    return Array.from({ length: count }, (_, i) => path(questionAt(this.#asked + i, this.#indexed)));
  }

  /** Marks the next `count` paths as used. */
  wereAsked(count: number): void {
    this.#asked += count;
  }
}
