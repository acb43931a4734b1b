import { type Fact, lineOf } from '../../prove/oracle.ts';

export const COUNTRIES = ['USA', 'DEU', 'FRA', 'JPN', 'BRA'];

const BROKEN = [
  'GET /index.html HTTP/1.1',
  '',
  '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 207.48.22.22',
  '[AdClickEvent] ad001, 2021-02-30 00:00:01, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, yesterday, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, 1999-12-31 23:59:59, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, 2199-01-01 00:00:01, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 300.1.1.1, USA',
  '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 207.48.22.22, UNITED STATES',
  '[AdClickEvent] , 2021-01-01 00:00:01, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, 2021-01-01 00:00:01, , 207.48.22.22, USA',
];

export function sampleRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface Sample {
  lines: string[];
  facts: Fact[];
  broken: number;
  resent: number;
}

/** `count` lines: clicks, 1 % duplicates of earlier ones with the same id, 0.5 % broken ones; 2 % up to 30 s early. */
export function sample(options: {
  count: number;
  seed: number;
  adPrefix: string;
  ads: number;
  times: (n: number) => number;
}): Sample {
  const next = sampleRandom(options.seed);
  const weights = Array.from({ length: options.ads }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pickAd = (): number => {
    let left = next() * total;
    for (const [rank, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return rank;
    }
    return 0;
  };
  const made: Sample = { lines: [], facts: [], broken: 0, resent: 0 };
  for (let n = 0; n < options.count; n++) {
    const dice = next();
    const earlier = made.facts[Math.floor(next() * made.facts.length)];
    if (dice < 0.005) {
      made.lines.push(BROKEN[n % BROKEN.length] as string);
      made.broken += 1;
    } else if (dice < 0.015 && earlier?.id) {
      made.lines.push(lineOf(earlier));
      made.resent += 1;
    } else {
      const early = next() < 0.02 ? Math.floor(next() * 30_000) : 0;
      const fact = {
        ad: `${options.adPrefix}${String(pickAd()).padStart(3, '0')}`,
        at: options.times(n) - early,
        user: `user ${Math.floor(next() * 1_000)}`,
        ip: `10.${Math.floor(next() * 4)}.${Math.floor(next() * 256)}.7`,
        country: COUNTRIES[Math.floor(next() * COUNTRIES.length)] as string,
        // Lines without an id are separate clicks, even if equal.
        id: n % 3 === 0 ? null : `${options.adPrefix}-${options.seed}-${n}`,
      };
      made.facts.push(fact);
      made.lines.push(lineOf(fact));
    }
  }
  return made;
}

export const countWhere = (facts: Fact[], where: (fact: Fact) => boolean): number => facts.filter(where).length;

/** Ads by clicks, descending, ties by name. */
export function topAds(facts: Fact[], limit: number): { ad_id: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { ad } of facts) counts.set(ad, (counts.get(ad) ?? 0) + 1);
  return [...counts]
    .map(([ad_id, count]) => ({ ad_id, count }))
    .sort((a, b) => b.count - a.count || (a.ad_id < b.ad_id ? -1 : 1))
    .slice(0, limit);
}
