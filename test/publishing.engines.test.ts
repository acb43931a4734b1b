import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, dayOf, HOUR_MS, iso, MINUTE_MS } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import type { FailpointTarget } from '../prove/failpoints/failpoints.ts';
import { killAt } from '../prove/failpoints/orders.ts';
import { type ApiCount, analystSql, askApi, clickledger, hiveRows, searchRest } from './support/client.ts';
import { testAd, testDays } from './support/days.ts';
import { append, clicksOf, killNow } from './support/kill.ts';
import { eventually } from './support/wait.ts';
import { type Watch, watch } from './support/watch.ts';

/**
 * One day is repeatedly published and rolled back, while every process involved is killed; every store is read all the
 * while. Clicks that arrive between two publishes give each run its own total: an answer identifies its run, and a
 * mixture of two runs, both of them or neither is a number that no run has.
 */
const env = inject('env');
const config = readConfig(env);
const START_MS = testDays();
const [DAY, AD] = [dayOf(START_MS), testAd('publishing')];
const LIMIT_MS = 2_700_000;
const STEP_LIMIT_MS = 240_000;

/** Ten of the first clicks lie in half a minute that questions with seconds count from raw rows. */
const FIRST = { clicks: 1_010, inSeconds: 10 };
/** 100 in whole minutes and 1 in that half: minutes of one run with seconds of another are no run's total either. */
const MORE = 101;
const timeOf = (n: number): number => {
  const isInSeconds = n < FIRST.inSeconds || (n >= FIRST.clicks && (n - FIRST.clicks) % MORE === 0);
  return START_MS + (isInSeconds ? MINUTE_MS / 2 : HOUR_MS + ((n * 977) % 80_000) * 1_000);
};
let arrived = 0;
function arrive(clicks: number): void {
  append(config, AD, clicksOf(AD, arrived + clicks, timeOf).slice(arrived));
  arrived += clicks;
}

const DAY_RANGE = `from=${START_MS}&to=${START_MS + DAY_MS}`;
const WITH_SECONDS = `from=${START_MS + MINUTE_MS / 2}&to=${START_MS + DAY_MS - 1}`;
const QUESTIONS = [DAY_RANGE, WITH_SECONDS, `${DAY_RANGE}&ip=0.0.0.0/0`];
const askAd = (question: string): Promise<ApiCount> => askApi(env, `/v1/ads/${AD}/aggregated_count?${question}`);

const clickhouseNumber = async (query: string): Promise<number> =>
  Number((await analystSql<{ number: number }>(env, query))[0]?.number);

const STORES = {
  clickhouse: () => clickhouseNumber(`SELECT sum(clicks) AS number FROM ads.clicks_per_minute WHERE ad_id = '${AD}'`),
  async elasticsearch(): Promise<number> {
    type Found = { aggregations: { clicks: { value: number } } };
    const query = { size: 0, query: { term: { ad_id: AD } }, aggs: { clicks: { sum: { field: 'clicks' } } } };
    const path = '/ad-minutes/_search?allow_partial_search_results=false';
    return (await searchRest<Found>(env, path, query)).aggregations.clicks.value;
  },
  /** Reads rows instead of a sum, which would have to wait for a rebuild's job. */
  async hive(): Promise<number> {
    const rows = await hiveRows(env, `SELECT clicks FROM ads.clicks_per_minute WHERE dt = '${DAY}'`);
    return rows.reduce((sum, { clicks }) => sum + Number(clicks), 0);
  },
};
type Store = keyof typeof STORES;

/** What answers for a day; run 0: real time, of which Hive has no rows. */
interface Published {
  run: number;
  total: number;
}
const shownBy = (store: Store, { run, total }: Published): number => (store === 'hive' && run === 0 ? 0 : total);

/** The results that are correct now: one, and during a change two. */
let allowed: Published[] = [];
/** Totals of all runs so far. */
const totals = new Map<number, number>();
const answers: { answer: ApiCount; allowed: Published[] }[] = [];
const failures: string[] = [];
const fail = (error: unknown): void => void failures.push(String(error));

const watchStore = (store: Store, everyMs: number): Watch =>
  watch(
    async () => {
      const before = allowed;
      const shown = await STORES[store]();
      const right = [...before, ...allowed].map((state) => shownBy(store, state));
      if (!right.includes(shown)) fail(`${store} showed ${shown}, which is none of ${right}`);
      return true;
    },
    everyMs,
    fail,
  );

/** A killed API does not answer, which is not a wrong answer. */
const answerOrNull = (question: string): Promise<ApiCount | null> =>
  askAd(question).catch((error: unknown) => {
    if (error instanceof TypeError) return null;
    throw error;
  });

const watchApi = (question: string): Watch =>
  watch(
    async () => {
      const before = allowed;
      const answer = await answerOrNull(question);
      if (answer) answers.push({ answer, allowed: [...before, ...allowed] });
      return answer !== null;
    },
    100,
    fail,
  );

/** Checks that the receipt names the run that was counted, and nothing else. */
function checkAnswer({ count, receipt: { status, batch, realtime } }: ApiCount, expected: Published[]): void {
  const run = batch.runs[0]?.run ?? 0;
  const finality = run === 0 ? 'provisional' : run === 1 ? 'final' : 'restated';
  const isWhole =
    (run === 0 ? realtime.count : batch.count) === count && (batch.count ?? 0) + (realtime.count ?? 0) === count;
  const isRun = totals.get(run) === count && expected.some(({ total }) => total === count);
  if (!isWhole || !isRun || status !== finality) {
    fail(
      `the API said ${count} by run ${run}, ${status}, ${batch.count} + ${realtime.count}; ${totals.get(run)} is right`,
    );
  }
}

const watches = new Map<string, Watch>();
beforeAll(async () => {
  arrive(FIRST.clicks);
  const all = async () => (await STORES.elasticsearch()) === arrived && (await STORES.clickhouse()) === arrived;
  await eventually('all clicks', all, STEP_LIMIT_MS, 500);
  allowed = [{ run: 0, total: arrived }];
  totals.set(0, arrived);
  for (const question of QUESTIONS) watches.set(`API ${question}`, watchApi(question));
  watches.set('clickhouse', watchStore('clickhouse', 100));
  watches.set('elasticsearch', watchStore('elasticsearch', 30));
  watches.set('hive', watchStore('hive', 2_000));
}, STEP_LIMIT_MS);
afterAll(async () => {
  for (const { stop } of watches.values()) await stop();
});

const rebuild = () =>
  clickledger(env, 'rebuild', '--from', DAY, '--to', dayOf(START_MS + DAY_MS), '--reason', 'publishing test');
const killAtPoint = (target: FailpointTarget, point: string) =>
  killAt(config.dataDir, target, point, Date.now() + STEP_LIMIT_MS);
const ledger = (what: string): Promise<number> =>
  clickhouseNumber(`SELECT ${what} AS number FROM ads.ledger WHERE date = '${DAY}' AND state = 'published'`);

/** Sends more clicks, and waits until real time has counted them; they stay invisible while the day has a run. */
async function sendMoreClicks(): Promise<void> {
  arrive(MORE);
  const raw = () => clickhouseNumber(`SELECT count() AS number FROM ads.clicks WHERE ad_id = '${AD}'`);
  await eventually('the clicks have come', async () => (await raw()) === arrived, STEP_LIMIT_MS, 200);
}

/** Answers given while no change was in progress. */
const reported: { asOf: number; answer: ApiCount }[] = [];

/** Expects a completed change to be visible everywhere at once. */
async function expectAgreement(): Promise<void> {
  const run = await ledger('argMax(run, seq)');
  if (!totals.has(run)) for (let n = 1; n <= run; n++) totals.set(n, totals.get(n) ?? arrived);
  const now = { run, total: totals.get(run) ?? 0 };
  const shown = await Promise.all(Object.values(STORES).map((read) => read()));
  expect(shown).toEqual(Object.keys(STORES).map((store) => shownBy(store as Store, now)));
  const answer = await eventually('the API', () => answerOrNull(DAY_RANGE));
  expect([answer.count, answer.receipt.batch.runs[0]?.run ?? 0]).toEqual([now.total, run]);
  reported.push({ asOf: Date.now(), answer });
  allowed = [now];
  for (const { answer: said, allowed: expected } of answers.splice(0)) checkAnswer(said, expected);
  expect(failures).toEqual([]);
}

/**
 * Publishes the day, after first killing the rebuild at a failpoint if one is given, and does something in parallel.
 */
async function publish(killed: string | null = null, beside: () => unknown = () => {}): Promise<void> {
  allowed = [...allowed, { run: Number.NaN, total: arrived }];
  if (killed !== null) {
    const killing = killAtPoint('rebuild', killed);
    expect(await rebuild()).toMatchObject({ code: null });
    expect(await killing).toBe(true);
  }
  const doing = beside();
  expect(await rebuild()).toMatchObject({ code: 0 });
  await doing;
  await expectAgreement();
}

/** @param to 0: real time */
async function rollBackRun(run: number, to: number, beside: () => unknown = () => {}): Promise<void> {
  allowed = [...allowed, { run: to, total: totals.get(to) ?? 0 }];
  const doing = beside();
  const back = await clickledger(env, 'rollback', '--date', DAY, '--run', String(run), '--reason', 'publishing test');
  expect(back).toMatchObject({ code: 0 });
  await doing;
  await expectAgreement();
  expect(allowed).toMatchObject([{ run: to }]);
}

/** Kills the rebuild after its commit point, and runs no other command: the nightly role's start repairs the day. */
async function publishByRepair(): Promise<void> {
  allowed = [...allowed, { run: Number.NaN, total: arrived }];
  const killing = killAtPoint('rebuild', 'after the commit point');
  expect(await rebuild()).toMatchObject({ code: null });
  expect(await killing).toBe(true);
  killNow(config, 'nightly');
  const repaired = async () => (await STORES.hive()) === arrived && (await STORES.elasticsearch()) === arrived;
  await eventually('the nightly has repaired the day', repaired, STEP_LIMIT_MS, 200);
  await expectAgreement();
}

const wasKilled = async (target: FailpointTarget, point: string): Promise<void> =>
  expect(await killAtPoint(target, point)).toBe(true);
async function killApiOnceCommitted(): Promise<void> {
  const before = await ledger('count()');
  await eventually('the commit point', async () => (await ledger('count()')) > before, STEP_LIMIT_MS, 20);
  killNow(config, 'api');
}
const currentRun = (): number => allowed[0]?.run ?? 0;

test('through ten publishes, rollbacks and kills no reader sees two runs at once', { timeout: LIMIT_MS }, async () => {
  await publish();
  await rollBackRun(1, 0);
  await publish();
  await sendMoreClicks();
  await publish('before the commit point');
  const good = currentRun();
  await sendMoreClicks();
  await publish(null, () => wasKilled('indexer', 'before the alias'));
  await rollBackRun(good, good, () => wasKilled('indexer', 'after the alias'));
  await sendMoreClicks();
  await publishByRepair();
  await sendMoreClicks();
  const before = currentRun();
  await publish(null, killApiOnceCommitted);
  await rollBackRun(currentRun(), before, killApiOnceCommitted);
  await sendMoreClicks();
  await publish('after the alias is announced');
  await sendMoreClicks();
  await publish('after its minutes are sent', () => wasKilled('indexer', 'before the documents'));
  await sendMoreClicks();
  await publish('after Hive follows');
  await sendMoreClicks();
  await publish();
  expect(await ledger("countIf(note = '')")).toBeGreaterThanOrEqual(10);
  for (const [name, { answers: looks }] of watches) expect(looks, name).toBeGreaterThan(name === 'hive' ? 10 : 100);
});

test('every earlier answer is given again as of its time', async () => {
  expect(reported).toHaveLength(13);
  for (const { asOf, answer } of reported) {
    const { count, receipt } = await askAd(`${DAY_RANGE}&as_of=${asOf}`);
    const { status, batch, realtime } = answer.receipt;
    expect({ count, receipt }, iso(asOf)).toMatchObject({ count: answer.count, receipt: { status, batch, realtime } });
  }
});
