import { expect, test } from 'vitest';
import { ALL_CLICKS, type Filter } from '../../../domain/filters/filter.ts';
import { fillHive } from '../../../infra/hive_statement.ts';
import { adsCondition, daysBelowCuts, filterCondition, partitionsOf } from './hive_conditions.ts';

const filter = (more: Partial<Filter>): Filter => ({ ...ALL_CLICKS, ...more });
const [TRUE, FALSE] = ['(1 = 1)', '(1 = 0)'];
const hex = (text: string): string => `decode(unhex('${Buffer.from(text).toString('hex')}'), 'UTF-8')`;

test.each<[Filter, string]>([
  [ALL_CLICKS, `${TRUE} AND ${TRUE} AND ${TRUE}`],
  [
    filter({ country: { in: ['USA', 'DEU'], not: [] } }),
    `(country IN (${hex('USA')}, ${hex('DEU')})) AND ${TRUE} AND ${TRUE}`,
  ],
  [filter({ country: { in: [], not: [] } }), `${FALSE} AND ${TRUE} AND ${TRUE}`],
  [
    filter({ user_id: { in: null, not: ["x' OR '1'='1"] } }),
    `${TRUE} AND ${TRUE} AND (${TRUE} AND NOT (user_id IN (${hex("x' OR '1'='1")})))`,
  ],
  [
    filter({ ip: { in: ['10.0.0.0/8', '::/127'], not: [] } }),
    `${TRUE} AND ((length(address) = 8 AND address BETWEEN '0a000000' AND '0affffff') OR (length(address) = 32 AND address BETWEEN '${'0'.repeat(32)}' AND '${'0'.repeat(31)}1')) AND ${TRUE}`,
  ],
])('%j', (asked, expected) => expect(fillHive('{condition}', { condition: filterCondition(asked) })).toBe(expected));

test('a day and its cut, a day and its run', () => {
  const run = { date: '2018-03-01', run: 2, firstRun: 1, cut: { 'clicks-0': 7 } };
  const condition = fillHive('{days} {runs}', { days: daysBelowCuts([run]), runs: partitionsOf([run]) });
  expect(condition.replace(/\s+/g, ' ')).toBe(
    "(dt IN ('2018-03-01') AND topic_offset < CASE dt WHEN '2018-03-01' THEN CASE topic_partition WHEN 'clicks-0' THEN 7 ELSE 0 END ELSE 0 END) ((dt = '2018-03-01' AND run = 2))",
  );
});

test('ads that begin with one of some prefixes, or all', () => {
  const condition = (prefixes?: string[]) => fillHive('{ads}', { ads: adsCondition(prefixes) });
  expect(condition(['a', "b'"])).toBe(`(locate(${hex('a')}, ad_id) = 1 OR locate(${hex("b'")}, ad_id) = 1)`);
  expect([condition([]), condition()]).toEqual([FALSE, TRUE]);
});
