import { expect, test } from 'vitest';
import { groupsOfSmall } from './small_days.ts';

const day = (n: number): string => new Date(Date.UTC(2021, 0, n)).toISOString().slice(0, 10);
const days = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => day(from + n));
const each = (of: string[], rows: number): [string, number][] => of.map((one) => [one, rows]);

test.each([
  ['none', [], new Map(), []],
  ['one alone', days(1, 2), new Map(each(days(1, 2), 5)), []],
  ['two', days(1, 3), new Map(each(days(1, 3), 5)), [[day(1), days(1, 3)]]],
  [
    'large ones and those without rows stay alone',
    days(1, 6),
    new Map([...each(days(1, 4), 20_000), [day(4), 20_001], [day(5), 0]]),
    [[day(1), days(1, 4)]],
  ],
  ['what was moved away has no rows here', days(1, 4), new Map(each(days(1, 3), 5)), [[day(1), days(1, 3)]]],
  [
    'a large one between them',
    days(1, 4),
    new Map([
      [day(1), 5],
      [day(2), 50_000],
      [day(3), 5],
    ]),
    [[day(1), [day(1), day(3)]]],
  ],
  [
    'at most fifty at once',
    days(1, 103),
    new Map(each(days(1, 103), 5)),
    [
      [day(1), days(1, 51)],
      [day(51), days(51, 101)],
      [day(101), days(101, 103)],
    ],
  ],
] as [string, string[], Map<string, number>, [string, string[]][]][])('%s', (_case, asked, rows, groups) => {
  expect([...groupsOfSmall(asked, rows)]).toEqual(groups);
});
