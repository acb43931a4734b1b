import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchRunFacts } from '../../domain/batch_run.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { LedgerCopy, EVENT as ROW } from '../../test/support/ledger_copy.ts';
import { DayBusyError } from '../day/lock.ts';
import { NO_FIGURES } from './events.ts';
import type { HeldDay } from './hold_day.ts';
import type { Ledger } from './ledger_copies.ts';
import { eventsIn, keyOfEvent, type LedgerEvent, lastSeq } from './ledger_row.ts';
import { record } from './record_event.ts';

const DAY = ROW.date;
const EVENT: LedgerEvent = {
  day: DAY,
  run: 2,
  state: 'published',
  reason: 'nightly',
  requested_by: 'nightly',
  started_at: Date.UTC(2021, 0, 2),
  finished_at: null,
  ...NO_FIGURES,
  request: '',
  note: '',
};
const NOW = Date.UTC(2021, 0, 3);

let archiveDir = '';
let copy: LedgerCopy;
let ledger: Ledger;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'record-'));
  copy = new LedgerCopy();
  ledger = {
    event: 'click',
    archiveDir,
    register: fileRegister(join(archiveDir, 'register')),
    clickhouse: copy.clickhouse(),
  };
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

const heldAt = (lastSeq: number): HeldDay => ({
  lastSeq,
  assertHeld: () => {},
  assertCurrent: async () => {},
  release: () => {},
});

test('an event has the number after the last that was known, and both copies have it in the order of their columns', async () => {
  for (const seq of [1, 2, 3, 4]) await ledger.register.create(keyOfEvent(DAY, seq), { ...ROW, seq });
  const held = heldAt(4);
  expect(await record(ledger, held, EVENT, NOW)).toBe(5);
  expect(held.lastSeq).toBe(5);
  expect((await eventsIn(ledger.register, DAY)).at(-1)).toMatchObject({
    date: DAY,
    seq: 5,
    recorded_at: '2021-01-03T00:00:00.000Z',
  });
  expect(copy.rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  const lines = readFileSync(join(archiveDir, 'batch_runs', `${DAY}.json`), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line).run)).toEqual([1, 2]);
  const columns = Object.keys(batchRunFacts.shape).filter((name) => !name.endsWith('_at'));
  const times = ['started_at', 'finished_at', 'published_at', 'rolled_back_at'];
  expect(Object.keys(JSON.parse(lines[0] ?? ''))).toEqual(['date', ...columns, ...times]);
});

test('what was decided before another event is recorded under no number', async () => {
  const [older, newer] = [heldAt(0), heldAt(0)];
  await record(ledger, newer, EVENT, NOW);
  const late = record(ledger, older, { ...EVENT, run: 1 }, NOW);
  await expect(late).rejects.toThrow(DayBusyError);
  await expect(late).rejects.toThrow(`another process has recorded event 1 of ${DAY} meanwhile`);
  expect([await lastSeq(ledger.register, DAY), copy.rows.length, older.lastSeq]).toEqual([1, 1, 0]);
});

test.each<[string, object]>([
  ['a state that is none of an event', { state: 'superseded' }],
  ['clicks that are not a number', { clicks: Number.NaN }],
  ['a figure that nobody knows', { copies_droped: 1 }],
  ['no reason', { reason: undefined }],
])('an event with %s is not written', async (_, wrong) => {
  const event = { ...EVENT, ...wrong } as LedgerEvent;
  await expect(record(ledger, heldAt(0), event, 0)).rejects.toThrow('an event of the ledger: ');
  expect([await lastSeq(ledger.register, DAY), copy.rows]).toEqual([0, []]);
});
