import { expect, test } from 'vitest';
import { Tally } from '../../audit/rule.ts';
import { alarm, findings, nightLine, reasons } from './status.ts';

test('a rule holds when every place does, not when the sums do', () => {
  expect(new Tally().add('a', 3, 3).add('b', 2, 2).rule('x = y', 'look')).toEqual({
    rule: 'x = y',
    left: 5,
    right: 5,
    ok: true,
  });
  expect(new Tally().add('a', 3, 2).add('b', 2, 3).add('c', 1, 1).rule('x = y', 'look')).toEqual({
    rule: 'x = y',
    left: 6,
    right: 6,
    ok: false,
    broken: {
      places: 2,
      first: [
        { what: 'a', left: 3, right: 2 },
        { what: 'b', left: 2, right: 3 },
      ],
      advice: 'look',
    },
  });
});

test('a broken rule is shown with its places, their differences, and what to do', () => {
  const event = 'click' as const;
  const whole = { event, ...new Tally().add('a', 1, 1).rule('p = q', '') };
  expect(alarm([whole])).toEqual([]);
  const broken = {
    event,
    ...new Tally().add('clicks-0', 100, 98).add('clicks-1', 5, 6).rule('x = y', 'count it anew'),
  };
  expect(alarm([whole, broken])).toEqual([
    '*** CONSERVATION IS BROKEN: 1 of 2 rules ***',
    '',
    '  x = y',
    '    105 and 104: 1 missing on the right',
    '    clicks-0: 100 and 98, 2 missing on the right',
    '    clicks-1: 5 and 6, 1 too many on the right',
    '    what to do: count it anew',
    '',
  ]);
});

test('why an engine is down stands under the engines, and nothing when all are up', () => {
  const up = { name: 'hive', reason: null };
  expect(reasons([up])).toEqual([]);
  expect(reasons([up, { name: 'kafka', reason: 'no answer' }])).toEqual(['  kafka: no answer', '']);
});

test('of very many places the first are shown', () => {
  const tally = new Tally();
  for (let n = 0; n < 1_000; n++) tally.add(`place ${n}`, 1, 0);
  const lines = alarm([{ event: 'impression', ...tally.rule('x = y', '') }]);
  expect(lines).toContain('  x = y (impressions)');
  expect(lines).toContain('    place 19: 1 and 0, 1 missing on the right');
  expect(lines).toContain('    and 980 more places');
});

test.each([
  [{ days: null, day: null, step: null }, 'waiting for the archive'],
  [{ days: null, day: null, step: 'waiting for the register' }, 'waiting for the register'],
  [{ days: 3, day: '2021-01-01', step: null }, '1 of 3 days published, at 2021-01-01 (begun)'],
  [
    { days: 3, failed: 2, day: '2021-01-01', step: 'counted' },
    '1 of 3 days published, 2 failed, at 2021-01-01 (counted)',
  ],
])('a nightly run is shown with its days and its current step: %j', (at, expected) => {
  const began = { started_at: '2021-01-02T02:00:00.000Z', published: 1, failed: 0, at: '2021-01-02T02:00:01.000Z' };
  expect(nightLine({ ...began, ...at })).toBe(`night since ${began.started_at}: ${expected}`);
});

test('findings are shown before everything else, with their clicks and what to do', () => {
  const other = { warning: 'conflicts', clicks: 3, means: 'have the event id of another click' };
  expect(findings([other])).toEqual([]);
  const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };
  const found_at = '2026-01-01T00:05:00.000Z';
  const finding = { warning: 'offsets_went_back', clicks: null, means: 'clicks are missing', mend: 'run this' };
  expect(findings([other, { ...finding, range, found_at }, { ...finding, range: null }])).toEqual([
    '*** 2 FINDINGS: answers may be wrong ***',
    '',
    '  offsets_went_back: clicks are missing',
    `    clicks from ${range.from} to ${range.to}`,
    `    found at ${found_at}`,
    '    what to do: run this',
    '',
    '  offsets_went_back: clicks are missing',
    '    what to do: run this',
    '',
  ]);
});
