import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import { PositionHistory, positionsAt } from './positions.ts';

const START = Date.UTC(2026, 0, 1);
let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'clickledger-positions-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const at = (ms: number) => {
  const found = positionsAt(dataDir, ms);
  return found && [found.at, Object.fromEntries(found.to)];
};

test('what was read by a time, to the minute before it', () => {
  const history = PositionHistory.open(dataDir, {}, START);
  history.note([['a', 10]], START + 1_000);
  history.note([['b', 5]], START + MINUTE_MS);
  history.note([['a', 20]], START + MINUTE_MS + 1_000);
  // Nothing went on: what is left to be said is said now.
  history.note([], START + 2 * MINUTE_MS);
  expect(at(START + 30_000)).toEqual([0, {}]);
  expect(at(START + MINUTE_MS)).toEqual([START + MINUTE_MS, { a: 10, b: 5 }]);
  expect(at(START + DAY_MS)).toEqual([START + 2 * MINUTE_MS, { a: 20, b: 5 }]);
});

test('of the time before it was begun nothing is known', () => {
  PositionHistory.open(dataDir, { a: 10 }, START);
  expect(at(START - 1)).toBeNull();
  expect(at(START)).toEqual([START, { a: 10 }]);
});

test('a start adds where it stands, old entries become one, and half a line of a crash is passed over', () => {
  const history = PositionHistory.open(dataDir, {}, START);
  history.note([['a', 10]], START + MINUTE_MS);
  history.note([['b', 10]], START + 2 * MINUTE_MS);
  appendFileSync(join(dataDir, 'ingest', 'checkpoints', 'positions.jsonl'), '{"at": 17');
  const later = START + 9 * DAY_MS;
  PositionHistory.open(dataDir, { a: 12, b: 10 }, later);
  expect(at(START + MINUTE_MS)).toBeNull();
  expect(at(later - 1)).toEqual([START + 2 * MINUTE_MS, { a: 10, b: 10 }]);
  expect(at(later)).toEqual([later, { a: 12, b: 10 }]);
});
