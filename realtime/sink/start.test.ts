import { expect, test } from 'vitest';
import { NOTHING_COUNTED, type Progress } from './intent.ts';
import { judgeStart } from './start.ts';

const COUNTED: Progress = { ...NOTHING_COUNTED, offset: 100, arrivedMs: 1_000, stored: 97 };
const FOUND = { end: 120, stored: 97, isRawKept: true };
const codeOf = (progress: Partial<Progress>, found: Partial<typeof FOUND>) =>
  judgeStart({ name: 'clicks-0', groupId: 'realtime-sink' }, { ...COUNTED, ...progress }, { ...FOUND, ...found })?.code;

test.each<[string, Partial<Progress>, Partial<typeof FOUND>, string | undefined]>([
  ['all is as it was left', {}, {}, undefined],
  ['nothing was ever counted', NOTHING_COUNTED, { end: 0, stored: -1 }, undefined],
  ['the log ends where it was read', {}, { end: 100 }, undefined],
  ['the log ends below', {}, { end: 99 }, 'log_cut'],
  ['the log ends within the pending range', { pending: 110 }, { end: 105 }, 'log_cut'],
  ['the topic was made anew', {}, { end: 3 }, 'log_cut'],
  ['a pending range was stored', { pending: 110 }, { stored: 109 }, undefined],
  ['more is stored than was committed', {}, { stored: 100 }, 'group_reset'],
  ['more is stored than the pending range', { pending: 110 }, { stored: 110 }, 'group_reset'],
  ['the group has lost its offsets', NOTHING_COUNTED, {}, 'group_reset'],
  ['ClickHouse is empty', {}, { stored: -1 }, 'clickhouse_older'],
  ['ClickHouse is older', {}, { stored: 96 }, 'clickhouse_older'],
  ['ClickHouse is older, and a range is pending', { pending: 110 }, { stored: 96 }, 'clickhouse_older'],
  ['rows of that age may have been dropped', {}, { stored: -1, isRawKept: false }, undefined],
  ['what must be stored is not on record', { stored: null }, { stored: -1 }, undefined],
])('%s', (_, progress, found, expected) => {
  expect(codeOf(progress, found)).toBe(expected);
});
