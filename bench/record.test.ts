import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordIn } from './record.ts';

test('each result has a file of its own, named by day and benchmark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  const results = join(folder, 'results');
  const nowMs = Date.UTC(2026, 10, 29, 23, 59);
  const record = (name: string, text: string): string => recordIn(results, name, text, nowMs);
  expect(record('sink', 'first')).toBe(join(results, '2026-11-29-sink.md'));
  expect(record('sink', 'second')).toBe(join(results, '2026-11-29-sink-2.md'));
  expect(record('sink-window', 'other')).toBe(join(results, '2026-11-29-sink-window.md'));
  expect(readFileSync(join(results, '2026-11-29-sink.md'), 'utf8')).toBe('first');
  rmSync(folder, { recursive: true });
});
