import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../domain/time.ts';
import { type Checkpoint, CheckpointStore, ingestTotals, type LineTotals, noLines } from './checkpoint.ts';
import { EMPTY_FINGERPRINT } from './fingerprint.ts';

function folder(): { dataDir: string; journal: string } {
  const dataDir = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return { dataDir, journal: join(dataDir, 'ingest', 'checkpoints', 'journal.jsonl') };
}

const totals = (some: Partial<LineTotals>): LineTotals => ({ ...noLines(), ...some });

const checkpoint = (id: string, lines: number, more: Partial<Checkpoint> = {}): Checkpoint => ({
  id,
  host: 'host',
  topic: 'clicks.eu',
  path: `/logs/${id}.log`,
  log: `/logs/${id}.log`,
  file: { inode: '1:1', born: '1' },
  copies: [],
  goneMs: null,
  head: EMPTY_FINGERPRINT,
  tail: EMPTY_FINGERPRINT,
  ...totals({ lines, clicks: lines }),
  ...more,
});

test('saved checkpoints are read back, each generation in its last state', async () => {
  const { dataDir } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  await store.save([checkpoint('a', 1), checkpoint('b', 2)], 0);
  await Promise.all([
    store.save([{ id: 'a', lines: 5, clicks: 4, rejected: 1 }], 0),
    store.save([{ id: 'b', path: '/x' }], 0),
  ]);
  const expected = [checkpoint('a', 5, { clicks: 4, rejected: 1 }), checkpoint('b', 2, { path: '/x' })];
  expect(ingestTotals(dataDir)).toEqual(totals({ lines: 7, clicks: 6, rejected: 1 }));
  const again = await CheckpointStore.open(dataDir, 0);
  expect(again.all()).toEqual(expected);
  await Promise.all([store.close(), again.close()]);
});

test('a partial line left by a crash is dropped, and the next one is whole', async () => {
  const { dataDir, journal } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  await store.save([checkpoint('a', 1)], 0);
  await store.close();
  appendFileSync(journal, '{"id":"a","lines":9');
  expect(ingestTotals(dataDir).lines).toBe(1);
  const again = await CheckpointStore.open(dataDir, 0);
  await again.save([{ id: 'a', lines: 2 }], 0);
  await again.close();
  expect(ingestTotals(dataDir).lines).toBe(2);
});

test('the journal stays small however often it is written', async () => {
  const { dataDir, journal } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  await store.save([checkpoint('a', 0, { path: 'x'.repeat(100_000) })], 0);
  for (let lines = 1; lines <= 100; lines++) await store.save([{ id: 'a', lines }], 0);
  expect(statSync(journal).size).toBeLessThan(5_000_000);
  expect(ingestTotals(dataDir).lines).toBe(100);
  await store.close();
});

test('generations that are long gone are forgotten, their counts are not', async () => {
  const { dataDir } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  const others = { lines: 14, clicks: 1, impressions: 2, conversions: 3, rejected: 4, skipped: 4 };
  const all = totals({ ...others, lines: 20, clicks: 7 });
  await store.save(
    [checkpoint('a', 0, { ...others, goneMs: 0 }), checkpoint('b', 5), checkpoint('c', 1, { goneMs: DAY_MS })],
    0,
  );
  await store.close();
  for (let opened = 0; opened < 2; opened++) {
    const again = await CheckpointStore.open(dataDir, 30 * DAY_MS);
    expect(again.all().map(({ id }) => id)).toEqual(['b', 'c']);
    await again.close();
    expect(ingestTotals(dataDir)).toEqual(all);
  }
});

test('a write that fails rejects, and so do all later ones', async () => {
  const { dataDir, journal } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  rmSync(journal);
  mkdirSync(journal);
  const large = store.save([checkpoint('a', 1, { path: 'x'.repeat(5_000_000) })], 0);
  await expect(large).rejects.toThrow('EISDIR');
  await expect(store.save([checkpoint('b', 1)], 0)).rejects.toThrow('EISDIR');
});

test('a journal from before there were other kinds of events has none of them', async () => {
  const { dataDir, journal } = folder();
  await (await CheckpointStore.open(dataDir, 0)).close();
  const { impressions: _, conversions: __, skipped: ___, ...before } = checkpoint('a', 3);
  const retired = '{"retired":{"lines":5,"clicks":4,"rejected":1}}';
  writeFileSync(journal, `${retired}\n${JSON.stringify(before)}\n`);
  expect(ingestTotals(dataDir)).toEqual(totals({ lines: 8, clicks: 7, rejected: 1 }));
});

test('a generation from before regions existed continues in the topic clicks', async () => {
  const { dataDir, journal } = folder();
  await (await CheckpointStore.open(dataDir, 0)).close();
  const { topic: _, ...before } = checkpoint('a', 1);
  appendFileSync(journal, `${JSON.stringify(before)}\n`);
  const store = await CheckpointStore.open(dataDir, 0);
  expect(store.all()).toEqual([checkpoint('a', 1, { topic: 'clicks' })]);
  await store.close();
});

test('without a journal nothing was read', () => {
  expect(ingestTotals(folder().dataDir)).toEqual(noLines());
});

test.each<[string, object, string]>([
  ['a place that is a text', { tail: { ...EMPTY_FINGERPRINT, to: '5' } }, 'tail.to: '],
  ['lines below zero', { lines: -1 }, 'lines: '],
  ['no file', { file: undefined }, 'file: '],
  ['a time that is none', { goneMs: undefined }, 'goneMs: '],
])('a checkpoint with %s ends the start, and its line is named', async (_, wrong, expected) => {
  const { dataDir, journal } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  await store.save([checkpoint('a', 1)], 0);
  await store.close();
  appendFileSync(journal, `${JSON.stringify({ ...checkpoint('b', 1), ...wrong })}\n`);
  await expect(CheckpointStore.open(dataDir, 0)).rejects.toThrow(`line 3 of ${journal}: ${expected}`);
  expect(() => ingestTotals(dataDir)).toThrow(expected);
});

test('a checkpoint from before there were regions is of the topic without one', async () => {
  const { dataDir, journal } = folder();
  await (await CheckpointStore.open(dataDir, 0)).close();
  const { topic: _, ...old } = checkpoint('a', 1);
  appendFileSync(journal, `${JSON.stringify(old)}\n`);
  const store = await CheckpointStore.open(dataDir, 0);
  expect(store.all()).toEqual([{ ...old, topic: 'clicks' }]);
  await store.close();
});

test('a monitor ends when another one has begun to work with its folder', async () => {
  const { dataDir } = folder();
  const store = await CheckpointStore.open(dataDir, 0);
  await store.save([checkpoint('a', 1)], 0);
  const other = await CheckpointStore.open(dataDir, 0);
  await expect(store.save([checkpoint('a', 2)], 0)).rejects.toThrow('another log monitor');
  await other.save([checkpoint('b', 1)], 0);
  expect(ingestTotals(dataDir).lines).toBe(2);
  await Promise.all([store.close(), other.close()]);
});
