import { expect, test } from 'vitest';
import { daysInUse } from './drop_raw.ts';

const row = (day: string, last: number, topic_partition = 'clicks-0') => ({ day, topic_partition, last });
const run = (number: number, below: number) => ({ run: number, cut: { 'clicks-0': below } });

test.each([
  ['no rows', [], {}, [], []],
  ['a day that its run has counted to the last row', [row('2021-01-01', 9)], { '2021-01-01': run(1, 10) }, [], []],
  ['a row at the cut', [row('2021-01-01', 10)], { '2021-01-01': run(1, 10) }, [], ['2021-01-01']],
  [
    'a partition that the cut does not name',
    [row('2021-01-01', 0, 'clicks-1')],
    { '2021-01-01': run(1, 10) },
    [],
    ['2021-01-01'],
  ],
  ['a day without a run', [row('2021-01-01', 0)], {}, [], ['2021-01-01']],
  ['a day that was rolled back to real time', [row('2021-01-01', 9)], { '2021-01-01': run(0, 10) }, [], ['2021-01-01']],
  ['a blocked day', [row('2021-01-01', 9)], { '2021-01-01': run(1, 10) }, ['2021-01-01'], ['2021-01-01']],
  [
    'one of two days, in two partitions',
    [row('2021-01-01', 9), row('2021-01-02', 9), row('2021-01-02', 3, 'clicks-1')],
    { '2021-01-01': run(2, 10), '2021-01-02': run(1, 9) },
    ['2020-12-31'],
    ['2021-01-02'],
  ],
])('%s', (_, found, current, blocked, expected) => {
  expect(daysInUse(found, new Map(Object.entries(current)), blocked)).toEqual(expected);
});
