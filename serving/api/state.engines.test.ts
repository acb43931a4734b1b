import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, iso } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { get } from '../../test/support/api/get.ts';
import { inAllPools, NOWHERE, startWorld, type World } from '../../test/support/api/server.ts';
import { BOUNDARY_MS, DAYS } from '../../test/support/api/world.ts';
import { createLagReader } from './admin/lag.ts';

const { kafka } = engineUrls(readConfig(inject('env')));
const admin = createKafka(kafka, 'state-test', createLog('state-test')).admin();
let world: World;
let api = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'state-test');
  api = await world.serve({ readLags: createLagReader(admin, [], ['click']) });
});
afterAll(async () => {
  await world.stop();
  await admin.disconnect();
});

test('the status shows how far the counts are, and the lag', async () => {
  const { body: status } = await get(`${api}/v1/status`);
  expect(status).toMatchObject({ watermark: iso(BOUNDARY_MS + 5_000), boundary: iso(BOUNDARY_MS) });
  expect(status.freshness_seconds).toBeCloseTo((world.now - BOUNDARY_MS - 5_000 - 2_000) / 1_000, 2);
  expect(status.lag).toEqual({
    clicks: { 'realtime-sink': expect.any(Number), archive: expect.any(Number) },
    'ad-minutes': { indexer: expect.any(Number) },
    'ad-tops': { 'indexer-tops': expect.any(Number) },
  });
  expect(status.last_run).toMatchObject({ run: expect.any(Number) });
  expect(status.event_kinds).toEqual(['click']);
});

test('freshness grows while the watermark stands still, and is null when it lies in the future', async () => {
  const freshAt = async (nowMs: number) => {
    const { body } = await get(`${await world.serve({ now: () => nowMs })}/v1/status`);
    return body.freshness_seconds;
  };
  const reachedMs = BOUNDARY_MS + 5_000 + 2_000;
  expect(await freshAt(reachedMs)).toBe(0);
  expect(await freshAt(reachedMs + DAY_MS)).toBe(DAY_MS / 1_000);
  expect(await freshAt(reachedMs - DAY_MS)).toBeNull();
});

test('the runs of a day are listed, the latest first, and requests are measured', async () => {
  const { body } = await get(`${api}/v1/runs?date=${DAYS.restated}`);
  expect(body.runs).toHaveLength(2);
  expect(body.runs[0]).toMatchObject({ date: DAYS.restated, run: 2, state: 'published', reason: 'test' });
  expect(body.runs[1]).toMatchObject({ run: 1, state: 'superseded' });
  const { body: metrics } = await get(`${api}/metrics`);
  expect(metrics).toMatch(/clickledger_api_request_seconds_count\{route="\/v1\/runs",status="200"\} 1/);
});

test('however often it is asked whether it is ready, the engines are asked once a second', async () => {
  let readings = 0;
  const readLags = async () => {
    readings += 1;
    return {};
  };
  const address = await world.serve({ readLags });
  const asked = await Promise.all(Array.from({ length: 20 }, () => get(`${address}/readyz`)));
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
  // A second one is begun when the first is half a second old.
  expect(readings).toBeLessThanOrEqual(2);
});

test('ready requires both stores and the boundary of every partition', async () => {
  const readiness = async (stores: Partial<World['stores']>) => {
    const address = await world.serve({ stores: { ...world.stores, ...stores } });
    const { status, body } = await get(`${address}/readyz`);
    return [status, body.missing];
  };
  const away = { ...inAllPools(createClickHouse(NOWHERE)), elasticsearch: createElasticsearch(NOWHERE) };
  expect((await readiness({}))[0]).toBe(200);
  expect(await readiness(away)).toEqual([503, ['elasticsearch', 'clickhouse']]);
  expect((await readiness({ realtimePartitions: [0, 1, 2, 3] }))[1]).toEqual(['boundary']);
});
