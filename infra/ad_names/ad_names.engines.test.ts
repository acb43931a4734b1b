import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type AdName, NO_TEXTS } from '../../domain/ad_names.ts';
import { NO_DATABASE } from '../../domain/names.ts';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { type ClickHouseClient, createClickHouse, rows } from '../clients/clickhouse.ts';
import { engineUrls } from '../clients/engines.ts';
import { readConfig } from '../config.ts';
import { migrateClickHouse } from '../migrate.ts';
import type { Register } from '../register/register.ts';
import { bringNames, NamesBehindError, namesAhead, takeOver } from './copy.ts';
import { createNamesRevision, namesRevisions, PART_ENTRIES, partsOf, readNamesRevision } from './revisions.ts';

const url = engineUrls(readConfig(inject('env'))).clickhouse;
const database = `ad_names_${randomUUID().slice(0, 8)}`;
let clickhouse: ClickHouseClient;

beforeAll(async () => {
  const anywhere = createClickHouse(url, { database: NO_DATABASE });
  await migrateClickHouse({ clickhouse: anywhere, database }, () => {});
  await anywhere.close();
  clickhouse = createClickHouse(url, { database });
});
afterAll(async () => {
  await clickhouse.command({ query: `DROP DATABASE ${database}` });
  await clickhouse.close();
});

const lose = async (): Promise<void> => {
  for (const table of ['ad_names', 'ad_name_revisions']) await clickhouse.command({ query: `TRUNCATE TABLE ${table}` });
};
const named = (ad_id: string, name: string): AdName => ({ ...NO_TEXTS, ad_id, valid_from_s: 0, name });
const recorded = { recorded_at: '2026-01-01T00:00:00.000Z', recorded_by: 'test' };
const copied = (): Promise<unknown[]> =>
  rows(clickhouse, 'SELECT DISTINCT revision, ad_id, name FROM ad_names ORDER BY revision, ad_id');

async function filled(): Promise<Register> {
  await lose();
  const register = memoryRegister();
  const many = Array.from({ length: PART_ENTRIES + 1 }, (_, n) => named(`ad${String(n).padStart(5, '0')}`, `n ${n}`));
  expect(await createNamesRevision(register, 1, many, recorded)).toBe(true);
  expect(await createNamesRevision(register, 2, [named('ad00000', 'other')], recorded)).toBe(true);
  return register;
}

test('a lost ClickHouse gets all revisions again, each whole, however many bring them', async () => {
  const register = await filled();
  const site = { register, clickhouse };
  const brought = await Promise.all([bringNames(site), bringNames(site)]);
  for (const revisions of brought) {
    expect(revisions.map(({ revision, entries }) => [revision, entries])).toEqual([
      [1, PART_ENTRIES + 1],
      [2, 1],
    ]);
  }
  const before = await copied();
  expect(before).toHaveLength(PART_ENTRIES + 2);
  await lose();
  expect(await copied()).toEqual([]);
  expect(await bringNames(site)).toEqual(brought[0]);
  expect(await copied()).toEqual(before);
});

test('of two that make one revision one does, and the other decides anew', async () => {
  const register = memoryRegister();
  const made = await Promise.all(
    ['a', 'b', 'c'].map((name) => createNamesRevision(register, 1, [named('x', name)], recorded)),
  );
  expect(made.filter((isMade) => isMade)).toHaveLength(1);
});

test('a register that was never used takes over what is there; one that lost something is told so', async () => {
  await bringNames({ register: await filled(), clickhouse });
  const other = memoryRegister();
  await bringNames({ register: other, clickhouse });
  expect(await namesRevisions(other)).toEqual([1, 2]);
  const entries: AdName[] = [];
  for await (const part of partsOf(other, await readNamesRevision(other, 1))) entries.push(...part);
  expect([entries.length, entries[7]]).toEqual([PART_ENTRIES + 1, named('ad00007', 'n 7')]);

  const older = memoryRegister();
  await older.create('ad-names/imported', {});
  await expect(bringNames({ register: older, clickhouse })).rejects.toThrow(NamesBehindError);
  await expect(bringNames({ register: older, clickhouse })).rejects.toThrow('./clickledger restore --register');
  for (const revision of await namesAhead({ register: older, clickhouse })) {
    await takeOver({ register: older, clickhouse }, revision);
  }
  expect((await bringNames({ register: older, clickhouse })).map(({ revision }) => revision)).toEqual([1, 2]);
});

test('another change under the same number is refused', async () => {
  await bringNames({ register: await filled(), clickhouse });
  const other = memoryRegister();
  await other.create('ad-names/imported', {});
  for (const n of [1, 2]) await createNamesRevision(other, n, [named('x', 'y')], recorded);
  await expect(bringNames({ register: other, clickhouse })).rejects.toThrow(NamesBehindError);
});
