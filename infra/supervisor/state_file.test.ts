import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseStartTicks, readPlatformState, writeState } from './state_file.ts';

describe('the table of processes', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test('is read back while its writer runs', () => {
    writeState(dataDir, [{ name: 'api', kind: 'role', pid: 7, state: 'ready', restarts: 2, startedAt: null }]);
    expect(readPlatformState(dataDir)?.processes).toEqual([
      { name: 'api', kind: 'role', pid: 7, state: 'ready', restarts: 2, startedAt: null },
    ]);
  });

  test('is ignored if another process now has the id of its supervisor', () => {
    writeState(dataDir, []);
    const path = join(dataDir, 'run', 'supervisor.json');
    const state = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...state, pidStartTicks: state.pidStartTicks - 1 }));
    expect(readPlatformState(dataDir)).toBeUndefined();
  });

  test.each(['', '{', '{"pid":1}', '{"pid":1,"pidStartTicks":1,"processes":[{"name":"api"}]}'])(
    'is ignored if it is damaged: %j',
    (text) => {
      writeState(dataDir, []);
      writeFileSync(join(dataDir, 'run', 'supervisor.json'), text);
      expect(readPlatformState(dataDir)).toBeUndefined();
    },
  );

  test('is absent before the first start', () => {
    expect(readPlatformState(dataDir)).toBeUndefined();
  });
});

test.each([
  ['42 (node) S 1 42 42 0 -1 4194304 9 0 0 0 1 2 0 0 20 0 11 0 224524 500', 224_524],
  ['42 (odd) name (x) S 1 42 42 0 -1 4194304 9 0 0 0 1 2 0 0 20 0 11 0 7 500', 7],
])('start of a process in %j', (stat, ticks) => {
  expect(parseStartTicks(stat)).toBe(ticks);
});
