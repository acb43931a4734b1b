import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UNSEEN_CODE, unseenFinding } from '../../domain/unseen.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openFindings, reportFinding } from '../../infra/register/findings.ts';
import { settleUnseen } from './settle_unseen.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unseen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a night that published every ended day settles what was not seen of them, and nothing else', async () => {
  const register = fileRegister(folder);
  const found = { what: 'w', mend: 'm', found_at: '2026-11-29T12:00:00.000Z' };
  const range = { from: '2026-11-28T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' };
  await reportFinding(register, unseenFinding('ad-minutes-0'), { ...found, code: UNSEEN_CODE, range });
  await reportFinding(register, unseenFinding('ad-minutes-3'), { ...found, code: UNSEEN_CODE, range });
  await reportFinding(register, 'sink-clicks-0', { ...found, code: 'other', range: null });
  const codes = async () => (await openFindings(register)).map(({ code }) => code);
  const queue = { topic: 'ad-minutes', partitions: 4 };

  await settleUnseen(register, queue, Date.UTC(2026, 10, 29, 23, 59));
  expect(await codes()).toEqual([UNSEEN_CODE, UNSEEN_CODE, 'other']);
  await settleUnseen(register, queue, Date.UTC(2026, 10, 30, 2));
  expect(await codes()).toEqual(['other']);
});
