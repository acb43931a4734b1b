import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFindings } from '../../infra/register/findings.ts';
import { EVENT, LedgerCopy } from '../../test/support/ledger_copy.ts';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { bringCopies, checkCopies, type Ledger } from './ledger_copies.ts';
import { startLedger } from './ledger_import.ts';
import { eventsIn, keyOfEvent, type LedgerRow } from './ledger_row.ts';
import { bringRegisterForward, lacks } from './restore_register.ts';

const DAY = EVENT.date;
const row = (seq: number, facts: Partial<LedgerRow> = {}): LedgerRow => ({ ...EVENT, seq, ...facts });

let archiveDir = '';
let copy: LedgerCopy;
let ledger: Ledger;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'restore-'));
  copy = new LedgerCopy();
  ledger = { event: 'click', archiveDir, register: memoryRegister(), clickhouse: copy.clickhouse() };
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

test.each([
  ['an older register', true],
  ['a register that was lost', false],
])('%s gets what ClickHouse has, keeps its id, and publishing goes on', async (_, isThere) => {
  if (isThere) await startLedger(ledger.register, 'own');
  if (isThere) await ledger.register.create(keyOfEvent(DAY, 1), row(1));
  const rows = [row(1), row(2, { run: 2 }), row(1, { date: '2021-01-09' })];
  copy.rows = rows.map((one) => ({ ...one, register: 'own' }));
  await expect(checkCopies(ledger)).rejects.toThrow('restore --register');
  const found = await lacks(ledger);
  expect(found).toEqual({
    events: isThere ? rows.slice(1) : rows,
    filters: [],
    names: [],
    differing: [],
    onlyInHive: [],
  });

  await bringRegisterForward(ledger, found);
  expect(await eventsIn(ledger.register, DAY)).toEqual(rows.slice(0, 2));
  expect(await openFindings(ledger.register)).toEqual([]);
  expect(await bringCopies(ledger, DAY)).toBe(2);
  expect(copy.rows.map(({ register }) => register)).toEqual(['own', 'own', 'own']);
  expect(await lacks(ledger)).toEqual({ events: [], filters: [], names: [], differing: [], onlyInHive: [] });
});

test('what cannot be restored is said, and stays reported', async () => {
  await startLedger(ledger.register, 'own');
  await ledger.register.create(keyOfEvent(DAY, 1), row(1));
  copy.rows = [{ ...row(1, { run: 7 }), register: 'own' }];
  mkdirSync(join(archiveDir, 'batch_runs'));
  writeFileSync(join(archiveDir, 'batch_runs', '2021-02-02.json'), '{"run":3}\n');
  await expect(bringCopies(ledger, DAY)).rejects.toThrow('restore --register');
  const found = await lacks(ledger);
  expect(found).toMatchObject({
    events: [],
    differing: [{ date: DAY, seq: 1, run: 7 }],
    onlyInHive: [{ date: '2021-02-02', runs: [3] }],
  });
  await bringRegisterForward(ledger, found);
  expect((await openFindings(ledger.register)).map(({ code }) => code)).toEqual(['register_behind']);
});
