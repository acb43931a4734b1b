import { expect, test } from 'vitest';
import { partitionOption, toContinue } from './partition_findings.ts';

test.each([
  ['clicks-0', '--partition clicks-0'],
  ['clicks.eu~2-13', '--partition clicks.eu-13'],
  ['impressions~10-1', '--partition impressions-1'],
])('the log %s is named as %s', (name, option) => {
  expect(partitionOption(name)).toBe(option);
  expect(toContinue(name)).toContain(`"./clickledger continue ${option} --reason '`);
});
