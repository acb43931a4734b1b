import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoLog, demoTraffic } from './demo.ts';

test('sample traffic is seen while its log is written to', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'demo-'));
  const nowMs = Date.UTC(2026, 0, 1);
  expect(demoTraffic(dataDir, nowMs)).toBeNull();
  mkdirSync(join(dataDir, 'logs'));
  writeFileSync(demoLog(dataDir), 'a line\n');
  utimesSync(demoLog(dataDir), nowMs / 1_000, nowMs / 1_000);
  expect(demoTraffic(dataDir, nowMs + 5_000)).toBe(join(dataDir, 'logs', 'demo.log'));
  expect(demoTraffic(dataDir, nowMs + 60_000)).toBeNull();
  rmSync(dataDir, { recursive: true });
});
