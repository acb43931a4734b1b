import { EVENT_KINDS, type EventKind } from '../domain/event_kinds.ts';
import { dayOf } from '../domain/time.ts';
import type { Config } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { type Counts, compare, type Difference, type Fact, keyOf, perMinute } from './oracle.ts';
import { fromApi, fromArchive, fromClickHouse, fromElasticsearch, fromHive, fromPerformance } from './stores.ts';

/** A store, and how its counts of a kind differ from what was written. */
export type Compared = { event: EventKind; store: string } & Difference;

export const ofKind = (facts: Fact[], event: EventKind): Fact[] => facts.filter((fact) => fact.event === event);

/** Hive has the ended days only. */
export function leastCounted(stores: Compared[]): number {
  const whole = stores.filter(({ store }) => !store.startsWith('Hive'));
  const least = EVENT_KINDS.map((event) =>
    Math.min(...whole.filter((store) => store.event === event).map(({ counted }) => counted)),
  );
  return least.reduce((sum, counted) => sum + counted);
}

/**
 * Each kind with a count of its own: what is counted as another kind is lost of one and doubled of the other.
 * @param has `answers`: without what Elasticsearch holds, of which the API asks only for what is there whole
 */
export async function compareAll(
  config: Config,
  facts: Fact[],
  ended: readonly { event: EventKind; day: string }[],
  has: 'everything' | 'answers' = 'everything',
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const event of EVENT_KINDS) {
    const endedDays = ended.filter((one) => one.event === event).map(({ day }) => day);
    for (const found of await compareKind(config, event, ofKind(facts, event), endedDays, has)) {
      compared.push({ event, ...found });
    }
  }
  return compared;
}

async function compareKind(
  config: Config,
  event: EventKind,
  facts: Fact[],
  endedDays: string[],
  has: 'everything' | 'answers',
): Promise<({ store: string } & Difference)[]> {
  const log = createLog('prove');
  log.level = 'silent';
  const truth = perMinute(facts);
  const compared: ({ store: string } & Difference)[] = [];
  const add = (store: string, expected: Counts, got: Counts): void => {
    compared.push({ store, ...compare(expected, got) });
  };
  for (const [store, counts] of await fromClickHouse(config, { event })) add(`ClickHouse ${store}`, truth, counts);
  add('ClickHouse performance_per_minute', truth, await fromPerformance(config, event));
  const archive = await fromArchive(config, event);
  add('archive (Parquet)', truth, archive.counts);
  compared.push({ store: 'archive, messages twice', counted: facts.length, lost: 0, doubled: archive.twice });
  const ended = facts.filter(({ at }) => endedDays.includes(dayOf(at)));
  add('Hive runs of ended days', perMinute(ended), await fromHive(config, event, endedDays, log));
  if (has === 'everything') add('Elasticsearch', truth, await fromElasticsearch(config, event));
  add('API', ...(await askedOfApi(config, event, facts)));
  return compared;
}

/** By day, as it is and as the API answers. */
async function askedOfApi(config: Config, event: EventKind, facts: Fact[]): Promise<[expected: Counts, got: Counts]> {
  const perDay: Counts = new Map();
  const questions = new Map<string, { ad: string; day: string; country: string }>();
  for (const { ad, at, country } of facts) {
    const day = dayOf(at);
    const key = keyOf(ad, Date.parse(`${day}T00:00:00Z`), country);
    perDay.set(key, (perDay.get(key) ?? 0) + 1);
    questions.set(key, { ad, day, country });
  }
  return [perDay, await fromApi(config, event, [...questions.values()])];
}
