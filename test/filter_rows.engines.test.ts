import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { minutesIndex, runSource, type Source } from '../domain/names.ts';
import { DAY_MS, dayOf, iso, MINUTE_MS, minuteOf } from '../domain/time.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import type { Service } from '../infra/role.ts';
import { killAt } from '../prove/failpoints/orders.ts';
import { type Counts, type Fact, keyOf, perMinute } from '../prove/oracle.ts';
import { clickledgerJson, count, searchRest } from './support/client.ts';
import { testDays } from './support/days.ts';
import { append, clicksOf, keepArchiving } from './support/kill.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const config = readConfig(env);
const clickhouse = createClickHouse(engineUrls(config).clickhouse);
const LIMIT_MS = 400_000;
/** Limit until a minute is closed and its rows are indexed. */
const CLOSE_LIMIT_MS = 180_000;

// External engines may have data from an earlier run.
const mark = Math.floor(Date.now() / 1_000) % 1_000_000_000;
const DAY_START_MS = testDays();
const DAY = dayOf(DAY_START_MS);

let archiving: Service;
beforeAll(async () => {
  archiving = await keepArchiving(config);
});
afterAll(async () => {
  for (const id of [...Object.values(FILTERS), ...POINTS.map((_, n) => killedFilter(n))]) await api('DELETE', id);
  await archiving.stop();
  await clickhouse.close();
});

type Where = Record<string, unknown>;
const POINTS = ['before the send', 'after the send', 'before its progress'];
const FILTERS = { user: mark, country: mark + 1, network: mark + 2 };
/** Registered while the publisher is killed at the n-th failpoint. */
const killedFilter = (n: number): number => mark + 3 + n;

async function api(method: 'PUT' | 'DELETE', id: number, where?: Where): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${env.API_PORT}/v1/filters/${id}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(where && { body: JSON.stringify({ name: `filter ${id}`, where }) }),
  });
  const text = await response.text();
  if (!response.ok && method === 'PUT') throw new Error(`${response.status} ${text}`);
  return text === '' ? 0 : ((JSON.parse(text) as { revision?: number }).revision ?? 0);
}
const put = (id: number, where: Where): Promise<number> => api('PUT', id, where);

/** Rows of a filter in the index of a day. */
async function filterRows(index: string, ad: string, id: number, revision: number): Promise<Counts> {
  interface Found {
    hits: { hits: { _source: { minute: number; country: string; clicks: number } }[] };
  }
  const terms = [{ term: { ad_id: ad } }, { term: { filter_id: id } }, { term: { filter_revision: revision } }];
  const { hits } = await searchRest<Found>(env, `/${index}/_search`, {
    size: 10_000,
    query: { bool: { filter: terms } },
  });
  return new Map(hits.hits.map(({ _source: row }) => [keyOf(ad, row.minute, row.country), row.clicks]));
}
const indexOf = (ms: number, source: Source = 'rt'): string => minutesIndex('click', dayOf(ms), source);
const byKey = (counts: Counts) => Object.fromEntries([...counts].sort());

const boundary = async (ad: string): Promise<number> =>
  Date.parse((await count(env, ad, Date.now() - MINUTE_MS, Date.now())).receipt.boundary ?? '');

/** The first minute that the publisher sends for a filter, once it does. */
async function since(id: number, revision: number): Promise<number> {
  const query = 'SELECT filters[{key:String}] AS since FROM ads.publisher_progress FINAL WHERE id = 0';
  return eventually(`filter ${id} is sent`, async () => {
    const [row] = await rows<{ since: number }>(clickhouse, query, { key: `${id}.${revision}` });
    // 0 while the map has no such key.
    return row?.since || null;
  });
}

/** Appends current clicks, some of them in the past minute, and returns them. */
function clickNow(ad: string, clicks: number, from: number, spreadMs = 0): Fact[] {
  const nowMs = Date.now();
  const facts = clicksOf(ad, from + clicks, (n) => nowMs - (n % 2) * spreadMs).slice(from);
  append(config, ad, facts);
  return facts;
}

/** Expects the API's count under a filter to equal the facts', from whichever store. */
async function agrees(ad: string, id: number, facts: Fact[], isRight: (fact: Fact) => boolean): Promise<void> {
  const [from, to] = [minuteOf(Math.min(...facts.map(({ at }) => at))), Date.now() + MINUTE_MS];
  const expected = facts.filter(isRight).length;
  const found = await eventually(
    `${expected} clicks under filter ${id}`,
    async () => {
      const answer = await count(env, ad, from, to, `&filter=${id}`);
      if (answer.count < expected) throw new Error(`there are ${answer.count}, of ${answer.receipt.sources}`);
      return answer;
    },
    CLOSE_LIMIT_MS,
  );
  expect(found.count).toBe(expected);
}

const passed = (ad: string, ms: number): Promise<boolean> =>
  eventually(`the boundary passes ${iso(ms)}`, async () => (await boundary(ad)) > ms, CLOSE_LIMIT_MS, 500);

const ofUser = ({ user }: Fact): boolean => user === 'user 3';
const ofNetwork = ({ ip }: Fact): boolean => /^10\.1\.0\.(\d|1[0-5])$/.test(ip);
const ofCountry = ({ country }: Fact): boolean => country === 'DEU';

describe.sequential('rows of registered filters', () => {
  const ad = `filter-rows-${mark}`;
  const facts: Fact[] = [];
  let revision = 0;

  test('begin with registration; closed minutes are answered from them, earlier ones from raw clicks', {
    timeout: LIMIT_MS,
  }, async () => {
    // In minutes that closed before, and will never have rows.
    const before = clicksOf(ad, 60, (n) => Date.now() - 10 * MINUTE_MS + n * 1_000);
    append(config, ad, before);
    facts.push(...before);
    revision = await put(FILTERS.user, { user_id: ['user 3'] });
    const byCountry = await put(FILTERS.country, { country: ['DEU'] });
    const sinceMs = Math.max(await since(FILTERS.user, revision), await since(FILTERS.country, byCountry));
    facts.push(...clickNow(ad, 200, facts.length));
    const closing = facts.filter(({ at }) => at >= sinceMs);
    expect(closing.length).toBe(200);
    await agrees(ad, FILTERS.user, facts, ofUser);
    await passed(ad, Math.max(...closing.map(({ at }) => at)));

    const rowsOf = (id: number, of: number) => filterRows(indexOf(Date.now()), ad, id, of);
    expect(byKey(await rowsOf(FILTERS.user, revision))).toEqual(byKey(perMinute(closing.filter(ofUser))));
    expect(byKey(await rowsOf(FILTERS.country, byCountry))).toEqual(byKey(perMinute(closing.filter(ofCountry))));
    await agrees(ad, FILTERS.user, facts, ofUser);
    await agrees(ad, FILTERS.country, facts, ofCountry);
    const [first, end] = [minuteOf(closing[0]?.at ?? 0), minuteOf(closing.at(-1)?.at ?? 0) + MINUTE_MS];
    const fast = await count(env, ad, first, end, `&filter=${FILTERS.user}`);
    expect([fast.count, fast.receipt.sources]).toEqual([closing.filter(ofUser).length, ['elasticsearch']]);
    const narrowed = await count(env, ad, first, end, `&filter=${FILTERS.user}&country=DEU`);
    const expected = closing.filter((fact) => ofUser(fact) && ofCountry(fact)).length;
    expect([narrowed.count, narrowed.receipt.sources]).toEqual([expected, ['elasticsearch']]);
  });

  test('follow a closed minute that receives more clicks', { timeout: LIMIT_MS }, async () => {
    const closed = facts.slice(60);
    const more = closed.map((fact) => ({ ...fact, id: fact.id === null ? null : `${fact.id}-again` }));
    append(config, ad, more);
    facts.push(...more);
    await agrees(ad, FILTERS.user, facts, ofUser);
    const expected = byKey(perMinute([...closed, ...more].filter(ofUser)));
    await eventually('the rows', async () => {
      const found = byKey(await filterRows(indexOf(Date.now()), ad, FILTERS.user, revision));
      return JSON.stringify(found) === JSON.stringify(expected);
    });
  });

  /** Checks of clicks in open minutes: repeated when these have closed, all after one wait. */
  const onceClosed: { facts: Fact[]; check(): Promise<void> }[] = [];

  test('a definition that changes while clicks arrive starts over, and no answer mixes the two', {
    timeout: LIMIT_MS,
  }, async () => {
    facts.push(...clickNow(ad, 100, facts.length));
    const changed = await put(FILTERS.user, { ip: ['10.1.0.0/28'], not: { country: ['FRA'] } });
    expect(changed).toBe(revision + 1);
    const isRight = (fact: Fact): boolean => ofNetwork(fact) && fact.country !== 'FRA';
    await agrees(ad, FILTERS.user, facts, isRight);
    await since(FILTERS.user, changed);
    const after = clickNow(ad, 100, facts.length);
    facts.push(...after);
    await agrees(ad, FILTERS.user, facts, isRight);
    onceClosed.push({
      facts,
      async check() {
        await agrees(ad, FILTERS.user, facts, isRight);
        const found = await filterRows(indexOf(Date.now()), ad, FILTERS.user, changed);
        for (const [key, clicks] of perMinute(after.filter(isRight))) {
          expect(found.get(key)).toBeGreaterThanOrEqual(clicks);
        }
      },
    });
  });

  test.each(POINTS.map((point, n) => ({ point, id: killedFilter(n) })))(
    'a publisher killed $point while a filter is new leaves no minute of it incomplete',
    { timeout: LIMIT_MS },
    async ({ point, id }) => {
      const own = `${ad}-${point.replaceAll(' ', '-')}`;
      const clicked = clickNow(own, 100, 0);
      const killing = killAt(config.dataDir, 'publisher', point, Date.now() + CLOSE_LIMIT_MS);
      const registered = await put(id, { user_id: ['user 3'] });
      // In a minute that has closed, so that there is something to send at once.
      append(
        config,
        `${own}-old`,
        clicksOf(`${own}-old`, 10, () => Date.now() - 10 * MINUTE_MS),
      );
      expect(await killing).toBe(true);
      clicked.push(...clickNow(own, 100, 100));
      await since(id, registered);
      clicked.push(...clickNow(own, 100, 200));
      await agrees(own, id, clicked, ofUser);
      onceClosed.push({ facts: clicked, check: () => agrees(own, id, clicked, ofUser) });
    },
  );

  test('the same when the minutes of all of them have closed', { timeout: LIMIT_MS }, async () => {
    expect(onceClosed).toHaveLength(1 + POINTS.length);
    await passed(ad, Math.max(...onceClosed.flatMap((said) => said.facts.map(({ at }) => at))));
    for (const { check } of onceClosed) await check();
  });
});

test('a rebuild has rows of the registered filters, beside the same counts as before', {
  timeout: LIMIT_MS,
}, async () => {
  const ad = `filter-run-${mark}`;
  const facts = clicksOf(ad, 500, (n) => DAY_START_MS + n * 60_000);
  append(config, ad, facts);
  const revision = await put(FILTERS.network, { ip: ['10.1.0.0/28', '2001:db8::/32'], not: { user_id: ['user 3'] } });
  const isRight = (fact: Fact): boolean => ofNetwork(fact) && !ofUser(fact);
  const all = async () => (await count(env, ad, DAY_START_MS, DAY_START_MS + DAY_MS)).count === facts.length;
  await eventually('all clicks of the day', all, CLOSE_LIMIT_MS);
  const result = await clickledgerJson<{ runs: { run: number; clicks: number }[] }>(
    env,
    'rebuild',
    '--from',
    DAY,
    '--to',
    dayOf(DAY_START_MS + DAY_MS),
    '--reason',
    'test',
  );
  const run = result.runs[0]?.run ?? 0;
  expect(result.runs).toMatchObject([{ clicks: facts.length }]);

  const index = indexOf(DAY_START_MS, runSource(run));
  const found = await filterRows(index, ad, FILTERS.network, revision);
  expect(byKey(found)).toEqual(byKey(perMinute(facts.filter(isRight))));
  const ask = (more: string) => count(env, ad, DAY_START_MS, DAY_START_MS + DAY_MS, more);
  const fast = await ask(`&filter=${FILTERS.network}`);
  expect(fast).toMatchObject({ count: facts.filter(isRight).length, receipt: { status: 'final' } });
  expect(fast.receipt.sources).toEqual(['elasticsearch']);
  const raw = await ask(`&filter=${FILTERS.network}&ip=0.0.0.0/0`);
  expect([raw.count, raw.receipt.sources]).toEqual([fast.count, ['clickhouse']]);
  expect((await ask('')).count).toBe(facts.length);
  const alias = await searchRest<{ aggregations: { clicks: { value: number } } }>(env, '/ad-minutes/_search', {
    size: 0,
    query: { term: { ad_id: ad } },
    aggs: { clicks: { sum: { field: 'clicks' } } },
  });
  expect(alias.aggregations.clicks.value).toBe(facts.length);
});
