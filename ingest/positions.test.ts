import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { PositionHistory, positionsAt } from './positions.ts';

const START = Date.UTC(2026, 0, 1);
let dataDir = '';
let path = '';
let warnings: string[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'clickledger-positions-'));
  path = join(dataDir, 'ingest', 'checkpoints', 'positions.jsonl');
  warnings = [];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const open = (positions: Record<string, number>, nowMs: number): PositionHistory =>
  PositionHistory.open(
    dataDir,
    () => positions,
    nowMs,
    (line) => warnings.push(line),
  );
const at = (ms: number) => {
  const found = positionsAt(dataDir, ms);
  return found && [found.at, Object.fromEntries(found.to), found.isLater];
};

test('what was read by a time, to the minute before it', () => {
  const history = open({}, START);
  history.note([['a', 10]], START + 1_000);
  history.note([['b', 5]], START + MINUTE_MS);
  history.note([['a', 20]], START + MINUTE_MS + 1_000);
  // Nothing went on: what is left to be said is said now.
  history.note([], START + 2 * MINUTE_MS);
  expect(at(START + 30_000)).toEqual([0, {}, false]);
  expect(at(START + MINUTE_MS)).toEqual([START + MINUTE_MS, { a: 10, b: 5 }, false]);
  expect(at(START + DAY_MS)).toEqual([START + 2 * MINUTE_MS, { a: 20, b: 5 }, false]);
});

test('a clock that was set back keeps nothing from being noted', () => {
  const history = open({}, START);
  history.note([['a', 10]], START - HOUR_MS);
  // The first entry is that of the start, which comes before.
  expect(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).to),
  ).toEqual([{}, { a: 10 }]);
});

test('of the time before it was begun nothing is known', () => {
  expect(at(START)).toBeNull();
  open({ a: 10 }, START);
  expect(at(START - 1)).toEqual([START, { a: 10 }, true]);
  expect(at(START)).toEqual([START, { a: 10 }, false]);
});

test('a start adds where it stands, old entries become one, and half a line of a crash is passed over', () => {
  const history = open({}, START);
  history.note([['a', 10]], START + MINUTE_MS);
  history.note([['b', 10]], START + 2 * MINUTE_MS);
  appendFileSync(path, '{"at": 17');
  const later = START + 9 * DAY_MS;
  open({ a: 12, b: 10 }, later);
  expect(at(START + MINUTE_MS)).toEqual([START + 2 * MINUTE_MS, { a: 10, b: 10 }, true]);
  expect(at(later - 1)).toEqual([START + 2 * MINUTE_MS, { a: 10, b: 10 }, false]);
  expect(at(later)).toEqual([later, { a: 12, b: 10 }, false]);
  expect(warnings).toEqual([]);
});

test('while it is written for days it stays small, and forgets generations without a checkpoint', () => {
  // A log that is rotated each hour, and followed for a day.
  const followed: Record<string, number> = {};
  const names: string[] = [];
  const history = open(followed, START);
  const end = START + 10 * DAY_MS;
  for (let ms = START + MINUTE_MS; ms <= end; ms += MINUTE_MS) {
    const id = `generation-${Math.floor((ms - START) / HOUR_MS)}`.padEnd(600, '.');
    if (!(id in followed)) names.push(id);
    while (names.length > 24) delete followed[names.shift() as string];
    followed[id] = (followed[id] ?? 0) + 1_000;
    history.note([[id, followed[id] as number]], ms);
  }
  // All of it would be 9 MB.
  expect(statSync(path).size).toBeLessThan(2_500_000);
  const found = positionsAt(dataDir, end);
  expect(Object.fromEntries(found?.to ?? [])).toMatchObject(followed);
  // To the minute for hours, to the hour for a week.
  expect(positionsAt(dataDir, end - 5 * HOUR_MS)?.at).toBe(end - 5 * HOUR_MS);
  const dayBefore = positionsAt(dataDir, end - 2 * DAY_MS)?.at ?? 0;
  expect([dayBefore > end - 2 * DAY_MS - 2 * HOUR_MS, positionsAt(dataDir, end - 7 * DAY_MS)?.isLater]).toEqual([
    true,
    false,
  ]);
}, 60_000);

test.each<[string, (text: string) => string]>([
  ['a line in the middle is damaged', (text) => text.replace('{"at"', '{"ta"')],
  ['its first lines are missing', (text) => text.slice(text.indexOf('\n') + 1)],
])('%s: it is begun anew, and said', (_, damage) => {
  const history = open({}, START);
  history.note([['a', 10]], START + MINUTE_MS);
  history.note([['b', 5]], START + 2 * MINUTE_MS);
  writeFileSync(path, damage(readFileSync(path, 'utf8')));
  // What is missing would be taken for not begun, and sent again.
  expect(at(START + DAY_MS)).toBeNull();
  open({ a: 10, b: 5 }, START + DAY_MS);
  expect(warnings).toEqual([expect.stringContaining(`${path} cannot be read and is begun anew`)]);
  expect(at(START + DAY_MS)).toEqual([START + DAY_MS, { a: 10, b: 5 }, false]);
  expect(at(START)).toEqual([START + DAY_MS, { a: 10, b: 5 }, true]);
});
