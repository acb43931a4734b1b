import { expect, test } from 'vitest';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { openFindings, reportFinding } from './findings.ts';
import { partitionOption, settleLeft, toContinue } from './partition_findings.ts';

test.each([
  ['clicks-0', '--partition clicks-0'],
  ['clicks.eu~2-13', '--partition clicks.eu-13'],
  ['impressions~10-1', '--partition impressions-1'],
])('the log %s is named as %s', (name, option) => {
  expect(partitionOption(name)).toBe(option);
  expect(toContinue(name)).toContain(`"./clickledger continue ${option} --reason '`);
});

test('what is found wrong with a log is settled when that goes on under another name', async () => {
  const register = memoryRegister();
  const found = { code: 'log_cut', what: 'a', mend: 'b', range: null, found_at: '2026-01-01T00:00:00.000Z' };
  for (const name of ['sink-clicks-0', 'archive-clicks-0', 'sink-clicks-1', 'sink-expired-clicks-0-7'])
    await reportFinding(register, name, found);
  await settleLeft(register, 'clicks-0', 'goes on as clicks~2-0');
  // Messages that are gone stay gone.
  expect((await openFindings(register)).map(({ name }) => name)).toEqual(['sink-clicks-1', 'sink-expired-clicks-0-7']);
});
