import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { type CopiedRow, EVENT, LedgerCopy } from '../../test/support/ledger_copy.ts';
import { runsInHive } from './hive_ledger.ts';
import { bringCopies, checkCopies, compareCopy, compareDays, type Ledger } from './ledger_copies.ts';
import { ledgerId, RegisterBehindError, startLedger } from './ledger_import.ts';
import { eventsIn, keyOfEvent, type LedgerRow, lastSeq } from './ledger_row.ts';

const DAY = EVENT.date;
const row = (seq: number, facts: Partial<LedgerRow> = {}): LedgerRow => ({ ...EVENT, seq, ...facts });
const seqs = (rows: { seq: number }[]): number[] => rows.map(({ seq }) => seq);

test.each<[string, LedgerRow[], LedgerRow[], missing: number[], ahead: number[]]>([
  ['nothing', [], [], [], []],
  ['the same', [row(1), row(2)], [row(1), row(2)], [], []],
  ['a copy that lacks the last', [row(1), row(2)], [row(1)], [2], []],
  ['a copy that lacks one between', [row(1), row(2), row(3)], [row(1), row(3)], [2], []],
  ['a copy with one more', [row(1)], [row(1), row(2)], [], [2]],
  ['a copy with another run under a number', [row(1), row(2)], [row(1), row(2, { run: 7 })], [], [2]],
  ['a copy with a row twice', [row(1)], [row(1), row(1)], [], []],
  ['two rows under one number, from before the register', [row(1)], [row(1), row(1, { run: 7 })], [], []],
  ['a figure that was changed in the copy', [row(1)], [row(1, { clicks: 99 })], [], []],
])('%s', (_, events, copy, missing, ahead) => {
  const compared = compareCopy(events, copy);
  expect([seqs(compared.missing), seqs(compared.ahead)]).toEqual([missing, ahead]);
});

test('of a copy with any rows of the register, what is missing makes it whole', () => {
  fc.assert(
    fc.property(fc.nat({ max: 12 }), fc.func(fc.boolean()), (events, isCopied) => {
      const all = Array.from({ length: events }, (_, n) => row(n + 1));
      const copy = all.filter(({ seq }) => isCopied(seq));
      const { missing, ahead } = compareCopy(all, copy);
      expect(ahead).toEqual([]);
      expect(seqs([...copy, ...missing]).sort((a, b) => a - b)).toEqual(seqs(all));
    }),
  );
});

const copied = (facts: { last: number; events?: number; own?: number }) => [
  { day: DAY, events: facts.last, own: 0, ...facts },
];
test.each<[string, number[] | null, ReturnType<typeof copied>, { ahead: string[]; behind: string[] }]>([
  ['the same', [1, 2], copied({ last: 2 }), { ahead: [], behind: [] }],
  ['a copy that lacks a row', [1, 2, 3], copied({ last: 3, events: 2 }), { ahead: [], behind: [DAY] }],
  ['a copy without the day', [1], [], { ahead: [], behind: [DAY] }],
  ['a copy that goes further', [1], copied({ last: 2 }), { ahead: [DAY], behind: [] }],
  ['a day that the register has lost', null, copied({ last: 1, own: 1 }), { ahead: [DAY], behind: [] }],
  ['a day of another register', null, copied({ last: 1 }), { ahead: [], behind: [] }],
])('by days: %s', (_, events, rows, expected) => {
  expect(compareDays(new Map(events === null ? [] : [[DAY, events]]), rows)).toEqual(expected);
});

let archiveDir = '';
let copy: LedgerCopy;
let ledger: Ledger;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'copies-'));
  copy = new LedgerCopy();
  ledger = {
    event: 'click',
    archiveDir,
    register: fileRegister(join(archiveDir, 'register')),
    clickhouse: copy.clickhouse(),
  };
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

const register = async (...rows: LedgerRow[]): Promise<void> => {
  for (const one of rows) await ledger.register.create(keyOfEvent(one.date, one.seq), one);
};
const inCopy = (one: LedgerRow, of = ''): CopiedRow => ({ ...one, register: of });
const codes = async () => (await openFindings(ledger.register)).map(({ code }) => code);

test('exactly the missing rows are brought, also when several bring them at once', async () => {
  await startLedger(ledger.register, 'own');
  await register(row(1), row(2), row(3, { run: 2 }));
  copy.rows = [inCopy(row(2))];
  await Promise.all([1, 2, 3, 4].map(() => bringCopies(ledger, DAY)));
  expect(copy.rows.map(({ seq, register }) => [seq, register]).sort()).toEqual([
    [1, 'own'],
    [2, ''],
    [3, 'own'],
  ]);
  expect(runsInHive(archiveDir, DAY)).toHaveLength(2);
});

test('a row that ClickHouse knows the token of and has lost is brought too', async () => {
  await register(row(1), row(2));
  expect(await bringCopies(ledger, DAY)).toBe(2);
  copy.rows = copy.rows.slice(0, 1);
  await bringCopies(ledger, DAY);
  expect(seqs(copy.rows)).toEqual([1, 2]);
});

test('a register that was never used takes over what ads.ledger has, once, and if it was killed meanwhile, again', async () => {
  const later = row(2, { run: 7, recorded_at: '2021-01-02T02:00:00.000Z' });
  copy.rows = [row(1), later, row(2), row(1, { date: '2021-01-05' })].map((one) => inCopy(one));
  await register(row(1));
  const [id, other] = await Promise.all([0, 1].map(() => ledgerId(ledger.register, copy.clickhouse())));
  expect(other).toBe(id);
  expect(await eventsIn(ledger.register, DAY)).toEqual([row(1), later]);
  expect(await lastSeq(ledger.register, '2021-01-05')).toBe(1);
  copy.rows.push(inCopy(row(1, { date: '2021-01-07' })));
  expect(await ledgerId(ledger.register, copy.clickhouse())).toBe(id);
  expect(await lastSeq(ledger.register, '2021-01-07')).toBe(0);
});

test('an older register is refused, and reported until it has what its copies have', async () => {
  await startLedger(ledger.register, 'own');
  await register(row(1));
  await bringCopies(ledger, DAY);
  copy.rows.push(inCopy(row(2), 'own'));
  for (const check of [() => checkCopies(ledger), () => bringCopies(ledger, DAY)]) {
    await expect(check()).rejects.toThrow(RegisterBehindError);
    await expect(check()).rejects.toThrow('./clickledger restore --register');
    expect(new Set(await codes())).toEqual(new Set(['register_behind']));
  }
  await register(row(2));
  expect(await checkCopies(ledger)).toEqual([]);
  await bringCopies(ledger, DAY);
  expect(await codes()).toEqual([]);
});

test('a register that was lost is refused: its rows in ads.ledger carry its id', async () => {
  await register(row(1));
  await bringCopies(ledger, DAY);
  const empty = { ...ledger, register: fileRegister(join(archiveDir, 'another')) };
  await expect(checkCopies(empty)).rejects.toThrow(/the register has no ledger.*restore --register/);
  expect((await openFindings(empty.register)).map(({ code }) => code)).toEqual(['register_behind']);
});

test("a run that only Hive's file has is refused, and its file stays", async () => {
  await register(row(1));
  mkdirSync(join(archiveDir, 'batch_runs'));
  writeFileSync(join(archiveDir, 'batch_runs', `${DAY}.json`), '{"run":1}\n{"run":2}\n');
  await expect(bringCopies(ledger, DAY)).rejects.toThrow(`Hive's ads.batch_runs has run 2 of ${DAY}`);
  expect(runsInHive(archiveDir, DAY)).toEqual([1, 2]);
});

test('rows of other registers, of days that this one does not know, are nothing to it', async () => {
  await startLedger(ledger.register, 'own');
  await register(row(1));
  copy.rows = [inCopy(row(1), 'own'), inCopy(row(1, { date: '2021-03-03' }), 'other')];
  expect(await checkCopies(ledger)).toEqual([]);
});
