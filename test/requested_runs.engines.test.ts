import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { readRun } from '../batch/run/run_files.ts';
import type { BatchRunFacts } from '../domain/batch_run.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import { DAY_MS, dayOf, MINUTE_MS } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import { clickHouseOf } from '../infra/kinds.ts';
import { killAt } from '../prove/failpoints/orders.ts';
import { requestProgress, traceAnswer } from '../serving/api/contract/answers.ts';
import { analystSql, askApi, clickledger, clickledgerJson, count, hiveRows } from './support/client.ts';
import { loseClick } from './support/corruption.ts';
import { testAd, testDays } from './support/days.ts';
import { append, clicksOf, keepArchiving } from './support/kill.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const config = readConfig(env);
const START_MS = testDays(4);
const LOST_MS = START_MS + 2 * DAY_MS;
const [FIRST, SECOND, LOST, BEHIND] = [0, 1, 2, 3].map((n) => dayOf(START_MS + n * DAY_MS)) as [
  string,
  string,
  string,
  string,
];
const AD = testAd('requested');
const LIMIT_MS = 240_000;

type Run = { date: string } & BatchRunFacts;

const headers = { 'content-type': 'application/json' };
const post = (body: unknown, path = '/v1/runs', key?: string, requestId?: string) =>
  fetch(`http://127.0.0.1:${env.API_PORT}${path}`, {
    method: 'POST',
    headers: {
      ...headers,
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(requestId !== undefined && { 'x-request-id': requestId }),
    },
    body: JSON.stringify(body),
  });

type Progress = z.infer<typeof requestProgress>;

/** Asks for something, and waits until it has its end. */
async function ended(asked: Response): Promise<Progress> {
  expect(asked.status).toBe(202);
  const { progress } = (await asked.json()) as { progress: string };
  return eventually(
    'the end of the request',
    async () => {
      const found = requestProgress.parse(await askApi(env, progress));
      return (found.state === 'done' || found.state === 'failed') && found;
    },
    LIMIT_MS,
    300,
  );
}

test('runs requested through the API are made once each, whatever is killed meanwhile', {
  timeout: 600_000,
}, async () => {
  const archiving = await keepArchiving(config);
  append(
    config,
    AD,
    clicksOf(AD, 80, (n) => START_MS + (n < 40 ? 0 : DAY_MS) + n * 1_000),
  );
  const counted = async () => (await count(env, AD, START_MS, START_MS + 2 * DAY_MS)).count;
  await eventually('the clicks', async () => (await counted()) === 80, LIMIT_MS, 500);

  const killing = killAt(config.dataDir, 'nightly', 'after the commit point', Date.now() + LIMIT_MS);
  const requestId = `dispute-17-${AD}`;
  const answer = await post({ from: FIRST, to: LOST, reason: 'dispute 17' }, '/v1/runs', undefined, requestId);
  expect(answer.headers.get('x-request-id')).toBe(requestId);
  expect(answer.status).toBe(202);
  const { request, runs: where } = (await answer.json()) as { request: string; runs: string };
  expect(await killing).toBe(true);
  const made = await eventually(
    'both runs',
    async () => {
      const { runs } = await askApi<{ runs: Run[] }>(env, where);
      return runs.length >= 2 && runs.every(({ state }) => state === 'published') && runs;
    },
    LIMIT_MS,
    500,
  );
  expect(made.map(({ date, run, clicks }) => [date, run, clicks])).toEqual([
    [SECOND, 1, 40],
    [FIRST, 1, 40],
  ]);
  for (const run of made) {
    expect(run).toMatchObject({ reason: 'dispute 17', requested_by: 'api', request, verdict: 'balanced' });
  }
  await archiving.stop();

  // One id leads from the request over the audit log and the nightly role's log to the run.
  const progress = requestProgress.parse(await askApi(env, `/v1/run_requests/${request}`));
  expect(progress.request_id).toBe(requestId);
  for (const run of [readRun(config.archiveDir, FIRST, 1), readRun(config.archiveDir, SECOND, 1)]) {
    expect(run).toMatchObject({ request, request_id: requestId });
  }
  const logged = (path: string): Record<string, unknown>[] =>
    readFileSync(join(config.dataDir, path), 'utf8')
      .split('\n')
      .filter((line) => line.includes(requestId))
      .map((line) => JSON.parse(line));
  expect(logged('audit/api.jsonl').map(({ outcome, request_id }) => [outcome, request_id])).toEqual([
    ['begun', requestId],
    [202, requestId],
  ]);
  const said = logged('logs-roles/nightly.log').map(({ msg }) => msg);
  expect(said).toEqual(expect.arrayContaining(['request started', 'inputs checked', 'published']));
  expect(logged('logs-roles/api.log').length).toBeGreaterThanOrEqual(2);
});

test('an analyst in Hive sees the ledger', async () => {
  const [run] = await eventually('the run in Hive', async () => {
    const found = await hiveRows(
      env,
      `SELECT run, state, reason, requested_by, clicks, copies_dropped, verdict, published_at, size(cut) AS partitions,
              cut['clicks-0'] AS cut_of_first, rolled_back_at
       FROM ads.batch_runs WHERE \`date\` = '${FIRST}'`,
    );
    return found[0]?.state === 'published' && found;
  });
  const [all] = await hiveRows(env, `SELECT count(*) AS runs FROM ads.batch_runs WHERE \`date\` IS NOT NULL`);
  expect(Number(all?.runs)).toBeGreaterThanOrEqual(2);
  const { runs } = await askApi<{ runs: Run[] }>(env, `/v1/runs?date=${FIRST}`);
  expect(run).toMatchObject({
    run: 1,
    state: 'published',
    reason: 'dispute 17',
    requested_by: 'api',
    clicks: 40,
    verdict: 'balanced',
    partitions: Object.keys(runs[0]?.cut ?? {}).length,
    cut_of_first: runs[0]?.cut['clicks-0'],
    published_at: Date.parse(runs[0]?.published_at ?? ''),
    rolled_back_at: null,
  });
});

test('the reconciliation is stored, and can be repeated', async () => {
  const kept = await askApi<Reconciliation>(env, `/v1/reconciliations/${FIRST}`);
  expect(kept).toMatchObject({ date: FIRST, run: 1, verdict: 'balanced', realtime: 40, counted: 40, worst_ads: [] });
  const anew = await clickledgerJson<Reconciliation>(env, 'reconcile', '--date', FIRST);
  expect(anew).toMatchObject({ date: FIRST, run: 1, verdict: 'balanced', unexplained: 0 });
  const { stdout } = await clickledger(env, 'reconcile', '--date', FIRST);
  expect(stdout).toContain(`${FIRST} run 1: 40 clicks in real time, 40 in the run`);
  const none = await fetch(`http://127.0.0.1:${env.API_PORT}/v1/reconciliations/2009-07-01`);
  expect([none.status, none.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
  expect(await clickledger(env, 'reconcile', '--date', '2009-07-01')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no run to compare with'),
  });
});

test('a preview is printed, and a day that is not blocked cannot be accepted', { timeout: LIMIT_MS }, async () => {
  const range = ['rebuild', '--from', FIRST, '--to', SECOND, '--reason', 'look'];
  const { previews } = await clickledgerJson<{ previews: unknown[] }>(env, ...range, '--preview');
  expect(previews).toMatchObject([
    { date: FIRST, run: 2, previous_run: 1, before: 40, after: 40, ads_changed: 0, ads: [] },
  ]);
  const { runs } = await askApi<{ runs: Run[] }>(env, `/v1/runs?date=${FIRST}`);
  expect(runs.map(({ run, state }) => [run, state])).toEqual([
    [2, 'previewed'],
    [1, 'published'],
  ]);
  expect(await clickledger(env, ...range, '--accept')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no blocked run to accept: its last run, 1, is published'),
  });
});

test('an event is traced from its line to the run that has counted it', async () => {
  const path = (id: string) => `/v1/clicks/${encodeURIComponent(id)}`;
  const sentTwice = traceAnswer.parse(await askApi(env, path(`${AD}-1`)));
  expect(sentTwice).toMatchObject({
    event: 'click',
    stored: 'raw',
    counted: true,
    others: 1,
    ad_id: AD,
    line: null,
    runs: [{ date: FIRST, run: 1 }],
    archive: { file: expect.stringMatching(`^clicks/dt=${FIRST}/.*parquet$`), sha256: expect.any(String) },
    copies: [{ counted: true }, { stored: 'copy', counted: false, reason: 'copy_in_window' }],
  });
  expect(await clickledgerJson(env, 'trace', `${AD}-1`, '--date', FIRST)).toEqual(sentTwice);
  const { stdout } = await clickledger(env, 'trace', `${AD}-1`);
  expect(stdout).toContain('no: a copy within DEDUPE_WINDOW of the first');

  const [row] = await analystSql<{ event_id: string }>(
    env,
    'SELECT event_id FROM ads.clicks WHERE ad_id = {ad:String} AND event_id NOT LIKE {ids:String} LIMIT 1',
    { ad: AD, ids: `${AD}%` },
  );
  const log = join(config.dataDir, 'logs', `${AD}.log`);
  const withoutId = await askApi(env, path(String(row?.event_id)));
  expect(withoutId).toMatchObject({ line: { host: expect.any(String), file: log, byte: expect.any(Number) } });

  appendFileSync(log, `[AdClickEvent] ${AD}, ${FIRST} 00:00:00, user 1, 10.0.0.1, UNITED STATES, ${AD}-bad\n`);
  const rejected = await eventually('the rejected line', () => askApi(env, path(`${AD}-bad`)).catch(() => false));
  expect(rejected).toMatchObject({ stored: 'rejected', reason: 'bad_country', counted: false, line: { file: log } });
  expect(await clickledger(env, 'trace', `${AD}-none`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no event ${AD}-none is stored`),
  });
});

test('a correction is previewed, made and taken back through the API, each once for a key', {
  timeout: LIMIT_MS,
}, async () => {
  const days = { from: FIRST, to: SECOND };
  const counted = async () => (await count(env, AD, START_MS, START_MS + DAY_MS)).count;
  append(
    config,
    `${AD}-late`,
    [1, 2, 3].map((n) => ({
      ad: AD,
      at: START_MS,
      user: 'late',
      ip: '10.9.9.9',
      country: 'USA',
      id: `${AD}-late-${n}`,
    })),
  );
  await eventually(
    'the late clicks',
    async () => (await count(env, AD, START_MS, START_MS + DAY_MS)).receipt.late === 3,
  );

  const preview = { ...days, reason: 'what if', who: 'alice', preview: true };
  const seen = await ended(await post(preview, '/v1/runs', `${AD}-1`));
  expect(seen).toMatchObject({
    action: 'preview',
    state: 'done',
    requested_by: 'alice (api)',
    kinds: [{ days_over: 1 }],
  });
  const change = { ad_id: AD, before: 40, after: 43, change: 3 };
  expect(seen.previews).toMatchObject([{ date: FIRST, before: 40, after: 43, ads_changed: 1, ads: [change] }]);
  expect(await ended(await post(preview, '/v1/runs', `${AD}-1`))).toEqual(seen);
  const other = await post({ ...preview, reason: 'something else' }, '/v1/runs', `${AD}-1`);
  expect([other.status, ((await other.json()) as { type: string }).type]).toEqual([
    422,
    'urn:clickledger:problem:key-used',
  ]);
  expect(await counted()).toBe(40);

  expect(await ended(await post({ ...days, reason: 'count the late ones' }))).toMatchObject({ state: 'done' });
  expect(await counted()).toBe(43);
  const { runs } = await askApi<{ runs: Run[] }>(env, `/v1/runs?date=${FIRST}`);
  const back = { date: FIRST, run: runs[0]?.run, reason: 'they were not real', who: 'bob' };
  const undone = await ended(await post(back, '/v1/rollbacks', `${AD}-2`));
  expect(undone).toMatchObject({ action: 'rollback', state: 'done', run: runs[0]?.run });
  expect(await ended(await post(back, '/v1/rollbacks', `${AD}-2`))).toEqual(undone);
  expect(await counted()).toBe(40);
  const refused = await ended(await post({ ...days, reason: 'none is blocked', accept: true }));
  expect(refused).toMatchObject({ state: 'failed', kinds: [{ note: expect.stringContaining('no blocked run') }] });
  expect((await post({ ...preview, accept: true })).status).toBe(400);
});

test('a day that a real loss has blocked is accepted through the API, and that is on record', {
  timeout: LIMIT_MS,
}, async () => {
  const ad = `${AD}-lost`;
  const clicks = clicksOf(ad, 20, (n) => LOST_MS + n * MINUTE_MS);
  append(config, ad, clicks);
  const answered = () => count(env, ad, LOST_MS, LOST_MS + DAY_MS);
  await eventually('the clicks', async () => (await answered()).count === 20, LIMIT_MS, 500);
  const clickhouse = clickHouseOf(config, 'click');
  const undo = await loseClick(clickhouse, { event_id: `${ad}-13`, ad_id: ad, ms: LOST_MS + 13 * MINUTE_MS });

  const days = { from: LOST, to: BEHIND };
  const blocked = await ended(await post({ ...days, reason: 'the night' }));
  expect(blocked).toMatchObject({ state: 'failed', kinds: [{ note: expect.stringMatching(/is blocked.*1 lost/) }] });
  const runs = async () => (await askApi<{ runs: Run[] }>(env, `/v1/runs?date=${LOST}`)).runs;
  const [run, ...others] = await runs();
  expect([run, others]).toMatchObject([{ state: 'blocked', verdict: 'blocked', clicks: 20, unexplained: 1 }, []]);
  expect((await answered()).receipt).toMatchObject({ status: 'provisional', batch: { runs: [] } });

  const asked = { ...days, reason: 'known loss', who: 'carol', accept: true };
  const accepted = await ended(await post(asked, '/v1/runs', `${AD}-accept`));
  expect(accepted).toMatchObject({
    action: 'accept',
    state: 'done',
    requested_by: 'carol (api)',
    reason: 'known loss',
  });
  expect(await ended(await post(asked, '/v1/runs', `${AD}-accept`))).toEqual(accepted);
  expect(await runs()).toMatchObject([
    {
      run: run?.run,
      state: 'published',
      verdict: 'blocked',
      clicks: 20,
      accepted_by: 'carol (api)',
      accepted_reason: 'known loss',
    },
  ]);
  expect(await answered()).toMatchObject({
    count: 20,
    receipt: { status: 'final', batch: { count: 20, runs: [{ date: LOST, run: run?.run }] } },
  });
  const audit = readFileSync(join(config.dataDir, 'audit', 'api.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const carriedOut = audit.filter(({ body }) => body?.accept === true && body.from === LOST);
  const call = { who: 'api', role: 'admin', what: 'POST /v1/runs' };
  // Sent twice.
  expect(carriedOut).toMatchObject([1, 2].map(() => ({ ...call, body: asked, outcome: 202 })));
  for (const { call: id } of carriedOut) {
    expect(audit).toContainEqual(expect.objectContaining({ ...call, call: id, outcome: 'begun' }));
  }
  await undo();
  await clickhouse.close();
});
