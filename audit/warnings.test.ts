import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileRegister } from '../infra/register/file_register.ts';
import { reportFinding } from '../infra/register/findings.ts';
import { setAsideSample } from '../test/support/set_aside.ts';
import { findingWarnings, setAsideWarnings } from './warnings.ts';

const MESSAGE = setAsideSample(42, 3);

test('messages that were set aside are warned of, with the first place and what to do', () => {
  expect(setAsideWarnings('click', { total: 0, messages: [] })).toEqual([]);
  const [one] = setAsideWarnings('click', { total: 1, messages: [MESSAGE] });
  expect(one).toMatchObject({ warning: 'messages_set_aside', clicks: null });
  expect(one?.means).toMatch(
    /^a message of the second queue could not be read \(the first at offset 42 of ad-minutes, partition 3\)/,
  );
  expect(one?.means).toContain('./clickledger set-aside');
  expect(setAsideWarnings('click', { total: 9, messages: [MESSAGE] })[0]?.means).toMatch(
    /^9 messages of the second queue/,
  );
});

test('findings are warned of with what to do, and so is a register that cannot be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'status-findings-'));
  const register = fileRegister(folder);
  const found_at = '2026-01-01T00:00:00.000Z';
  const finding = { code: 'topic_settings', what: 'clicks is compacted', mend: 'run this', range: null, found_at };
  expect(await findingWarnings(register)).toEqual([]);
  await reportFinding(register, 'clicks', finding);
  expect(await findingWarnings(register)).toEqual([
    { warning: 'topic_settings', clicks: null, means: 'clicks is compacted', mend: 'run this', range: null, found_at },
  ]);
  rmSync(folder, { recursive: true });

  const refused = () => Promise.reject(new Error('away'));
  const [one] = await findingWarnings({ create: refused, read: refused, list: refused });
  expect(one).toMatchObject({ warning: 'register_unreadable', means: expect.stringContaining('away') });
});
