import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { NO_DATABASE } from '../../../domain/names.ts';
import { dayOf } from '../../../domain/time.ts';
import { type ClickHouseClient, createClickHouse } from '../../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../../infra/clients/engines.ts';
import { readConfig } from '../../../infra/config.ts';
import { migrateClickHouse } from '../../../infra/migrate.ts';
import { memoryRegister } from '../../../test/support/memory_register.ts';
import { recordRequest } from './run_requests.ts';

/** Tables of its own: nobody carries out what is asked for in them. */
const DATABASE = `ads_requests_${randomBytes(4).toString('hex')}`;
const { clickhouse: url } = engineUrls(readConfig(inject('env')));
const outside = createClickHouse(url, { database: NO_DATABASE });
let clickhouse: ClickHouseClient;
beforeAll(async () => {
  await migrateClickHouse({ clickhouse: outside, database: DATABASE }, () => {});
  clickhouse = createClickHouse(url, { database: DATABASE });
});
afterAll(async () => {
  await outside.command({ query: `DROP DATABASE ${DATABASE} SYNC` });
  await Promise.all([outside.close(), clickhouse.close()]);
});

const register = memoryRegister();
const caller = { name: 'ops', role: 'admin' as const };
const NOW = Date.UTC(2026, 0, 10);

function ask(days: number, key: string | null = null) {
  const [from, to] = [dayOf(Date.UTC(2024, 0, 1)), dayOf(Date.UTC(2024, 0, 1 + days))];
  const asked = { action: 'rebuild' as const, run: 0, rejected_for: '', reason: 'test', who: undefined, from, to };
  const kinds = [{ clickhouse, event: 'click' as const }];
  return recordRequest({ register, kinds }, asked, { caller, idempotencyKey: key, requestId: 'r' }, NOW);
}

const end = async (request: string): Promise<void> => {
  const row = { request, from_day: '2024-01-01', to_day: '2024-01-02', reason: '', requested_by: '', state: 'done' };
  await clickhouse.insert({ table: 'run_requests', values: [row], format: 'JSONEachRow' });
};

const TOO_MANY = { status: 429, type: 'urn:clickledger:problem:too-many-requests-open' };

test('so many requests may wait, and one that is sent again is none more', async () => {
  // All at once: none of them slips past the others.
  const asked = await Promise.allSettled(Array.from({ length: 23 }, (_, n) => ask(1, `key ${n}`)));
  const taken = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect([taken.length, refused.length]).toEqual([20, 3]);
  for (const reason of refused) expect(reason).toMatchObject(TOO_MANY);
  expect(await ask(1, 'key 0')).toEqual(taken[0]);

  const first = taken[0] as { request: string };
  await end(first.request);
  // The key of a request that was refused is still its own.
  const { request } = await ask(1, 'key 22');
  await expect(ask(1)).rejects.toMatchObject(TOO_MANY);
  // Also when it has long been carried out.
  expect((await ask(1, 'key 0')).request).toBe(first.request);
  for (const each of [request, ...taken.slice(1).map((one) => one.request)]) await end(each);
});

test('so many days may wait, in however few requests', async () => {
  const whole = [await ask(366), await ask(366), await ask(366)];
  await expect(ask(1)).rejects.toMatchObject(TOO_MANY);
  await end(whole[0]?.request ?? '');
  await ask(366);
});
