import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { dayOf, iso } from '../domain/time.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { testDays } from '../test/support/days.ts';
import { days } from './days.ts';

const clickhouse = createClickHouse(engineUrls(readConfig(inject('env'))).clickhouse);
const archiveDir = mkdtempSync(join(tmpdir(), 'clickledger-days-'));
const DAY = dayOf(testDays());
afterAll(async () => {
  rmSync(archiveDir, { recursive: true });
  await clickhouse.close();
});

test('a day is blocked from the event that says so until it is published, whatever is previewed meanwhile', async () => {
  let seq = Date.now();
  const stateAfter = async (state: string, run: number) => {
    const now = iso(Date.now());
    const event = { date: DAY, seq: seq++, run, state, started_at: now, recorded_at: now };
    await clickhouse.insert({ table: 'ads.ledger', values: [event], format: 'JSONEachRow' });
    return (await days('click', archiveDir, clickhouse, Date.now())).find(({ date }) => date === DAY)?.state;
  };
  expect(await stateAfter('counting', 1)).toBe('dirty');
  expect(await stateAfter('blocked', 1)).toBe('blocked');
  expect(await stateAfter('previewed', 2)).toBe('blocked');
  expect(await stateAfter('accepted', 1)).toBe('dirty');
  expect(await stateAfter('published', 1)).toBe('final');
  expect(await stateAfter('blocked', 3)).toBe('blocked');
  expect(await stateAfter('published', 4)).toBe('restated');
});
