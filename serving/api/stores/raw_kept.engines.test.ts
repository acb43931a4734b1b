import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { NO_DATABASE } from '../../../domain/names.ts';
import { rawKeptSinceMs } from '../../../domain/retention.ts';
import { createClickHouse } from '../../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../../infra/clients/engines.ts';
import { readConfig } from '../../../infra/config.ts';
import { migrateClickHouse } from '../../../infra/migrate.ts';
import { announceMinutesGone } from '../../../infra/minutes_gone.ts';
import { announceRawKept } from '../../../infra/raw_kept.ts';
import { createMinutesGone } from './minutes_gone.ts';
import { createRawSince } from './raw_kept.ts';

const { clickhouse: address } = engineUrls(readConfig(inject('env')));
const NOW = Date.parse('2026-05-20');

test('raw rows are kept since what was announced, whatever a setting and a clock say', async () => {
  const database = `raw_kept_${randomUUID().slice(0, 8)}`;
  const admin = createClickHouse(address, { database: NO_DATABASE });
  await migrateClickHouse({ clickhouse: admin, database }, () => {});
  const clickhouse = createClickHouse(address, { database });
  expect(await createRawSince(clickhouse)(NOW), 'without a record').toBe(rawKeptSinceMs(NOW));
  for (const since of ['2026-02-01', '2026-01-01']) await announceRawKept(clickhouse, Date.parse(since), NOW);
  const readSince = createRawSince(clickhouse);
  for (const now of [NOW, Date.parse('2030-01-01')]) expect(await readSince(now)).toBe(Date.parse('2026-02-01'));
  await clickhouse.close();
  await admin.command({ query: `DROP DATABASE ${database}` });
  await admin.close();
});

test('minutes of a run are gone when that is announced, and no others', async () => {
  const database = `minutes_gone_${randomUUID().slice(0, 8)}`;
  const admin = createClickHouse(address, { database: NO_DATABASE });
  await migrateClickHouse({ clickhouse: admin, database }, () => {});
  const clickhouse = createClickHouse(address, { database });
  expect(await createMinutesGone(clickhouse)(), 'without a record').toEqual(new Set());
  const gone = { day: '2025-02-01', run: 2, month: 0 };
  for (const nowMs of [NOW, NOW + 1])
    await announceMinutesGone(clickhouse, [gone, { ...gone, run: 0, month: 202502 }], nowMs);
  expect(await createMinutesGone(clickhouse)()).toEqual(new Set(['2025-02-01/2']));
  await clickhouse.close();
  await admin.command({ query: `DROP DATABASE ${database}` });
  await admin.close();
});

test('while the record cannot be read, only what no setting lets go counts as kept', async () => {
  const away = createClickHouse({ ...address, url: 'http://127.0.0.1:1' });
  expect(await createRawSince(away)(NOW)).toBe(Date.parse('2026-05-01'));
  await away.close();
});
