import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileRegister } from './file_register.ts';
import { type Finding, openFindings, reportFinding, settleFinding } from './findings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'findings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const found = (what: string): Finding => ({
  code: 'offsets_went_back',
  what,
  mend: 'run this',
  range: null,
  found_at: '2026-01-01T00:00:00.000Z',
});

test('a finding is open until it is settled, and is open again when it is found again', async () => {
  const register = fileRegister(folder);
  expect(await openFindings(register)).toEqual([]);
  await reportFinding(register, 'sink-clicks-1', found('second'));
  await reportFinding(register, 'sink-clicks-0', found('first'));
  await reportFinding(register, 'sink-clicks-0', found('first, seen by another'));
  expect((await openFindings(register)).map(({ what }) => what)).toEqual(['first', 'second']);

  await settleFinding(register, 'sink-clicks-0', 'by replay 1');
  await settleFinding(register, 'sink-clicks-2', 'never found');
  expect((await openFindings(register)).map(({ what }) => what)).toEqual(['second']);

  await reportFinding(register, 'sink-clicks-0', found('third'));
  expect((await openFindings(register)).map(({ what }) => what)).toEqual(['third', 'second']);
});
