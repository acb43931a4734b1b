import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endProgress, readProgress, writeProgress } from './progress.ts';
import { daysToRun } from './run.ts';
import { checkCron, missedTick, Ticks } from './schedule.ts';

const at = (time: string): number => Date.parse(time);

describe('nightDays', () => {
  const now = at('2021-01-10T02:00:00Z');
  const counted = (...days: string[]) => new Map(days.map((day) => [day, {}]));
  it.each([
    ['yesterday, also without clicks', [], [], counted(), ['2021-01-09']],
    ['yesterday once', ['2021-01-09'], [], counted(), ['2021-01-09']],
    ['nothing when all is counted', [], [], counted('2021-01-09'), []],
    ['yesterday again if clicks arrived', ['2021-01-09'], [], counted('2021-01-09'), ['2021-01-09']],
    [
      'dirty days after yesterday',
      ['2020-12-01', '2021-01-09'],
      [],
      counted('2021-01-09'),
      ['2021-01-09', '2020-12-01'],
    ],
    [
      'a day that was blocked, once',
      ['2020-12-01'],
      ['2020-11-30', '2020-12-01', '2021-01-09'],
      counted('2021-01-09', '2020-11-30'),
      ['2021-01-09', '2020-12-01', '2020-11-30'],
    ],
    ['no earlier day without clicks', [], [], counted('2021-01-09'), []],
    ['never today or later', ['2021-01-10', '2021-01-11'], [], counted('2021-01-09'), []],
  ])('%s', (_, dirty, blocked, runs, days) => expect(daysToRun(now, dirty, blocked, runs, null)).toEqual(days));

  it('has every day since the first arrival, also those without clicks, the newest first', () => {
    const days = daysToRun(now, ['2021-01-07'], [], counted('2021-01-08'), at('2021-01-05T23:59:59Z'));
    expect(days).toEqual(['2021-01-09', '2021-01-07', '2021-01-06', '2021-01-05']);
  });
});

describe('missedTick', () => {
  it.each([
    ['0 2 * * *', '2021-01-01T02:00:00Z', '2021-01-02T01:59:59Z', false],
    ['0 2 * * *', '2021-01-01T02:00:00Z', '2021-01-02T02:00:00Z', true],
    ['0 2 * * *', '2021-01-01T01:59:59Z', '2021-01-01T02:00:01Z', true],
    ['0 2 * * 1', '2021-01-05T00:00:00Z', '2021-01-10T23:00:00Z', false],
    ['30 */10 * * * *', '2021-01-01T00:00:31Z', '2021-01-01T00:10:29Z', false],
    ['30 */10 * * * *', '2021-01-01T00:00:29Z', '2021-01-01T00:00:30Z', true],
  ])('%s between %s and %s: %s', (pattern, since, now, missed) => {
    expect(missedTick(pattern, at(since), at(now))).toBe(missed);
  });
});

describe('Ticks', () => {
  const ticks = (since: string): Ticks => new Ticks('0 2 * * *', at(since));

  it('comes once, by the clock that is asked', () => {
    const night = ticks('2021-01-01T02:00:00Z');
    expect(night.isDue(at('2021-01-02T01:59:59Z'))).toBe(false);
    expect(night.isDue(at('2021-01-02T02:00:03Z'))).toBe(true);
    expect(night.take(at('2021-01-02T02:00:03Z'))).toBe(true);
    expect(night.isDue(at('2021-01-02T02:00:06Z'))).toBe(false);
  });

  it('waits for a clock that is behind', () => {
    const night = ticks('2021-01-01T02:00:00Z');
    expect(night.isDue(at('2021-01-02T02:00:03Z'))).toBe(true);
    expect(night.take(at('2021-01-01T23:00:03Z'))).toBe(false);
    expect(night.isDue(at('2021-01-02T05:00:03Z'))).toBe(true);
    expect(night.take(at('2021-01-02T02:00:03Z'))).toBe(true);
  });

  it('one that was missed while nothing ran is due at once', () => {
    expect(ticks('2021-01-01T01:00:00Z').isDue(at('2021-01-05T01:00:00Z'))).toBe(true);
  });

  it('a clock that is set back brings the next one when it is reached', () => {
    const night = ticks('2021-01-01T03:00:00Z');
    expect(night.isDue(at('2021-01-02T01:00:00Z'))).toBe(false);
    expect(night.isDue(at('2021-01-01T03:30:00Z'))).toBe(false);
    expect(night.isDue(at('2021-01-02T02:00:00Z'))).toBe(true);
  });
});

it('an invalid cron pattern names its setting', () => {
  expect(() => checkCron('every night')).toThrow(/^NIGHTLY_CRON: is "every night"/);
  checkCron('0 2 * * *');
});

it('progress is available while the process of the nightly run lives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-night-'));
  try {
    expect(readProgress(folder)).toBeNull();
    const progress = { days: 2, published: 1, failed: 0, day: '2021-01-01', step: 'counted' };
    const times = { started_at: '2021-01-02T02:00:00.000Z', at: '2021-01-02T02:00:09.000Z' };
    writeProgress(folder, { ...times, ...progress });
    expect(readProgress(folder)).toEqual({ ...times, ...progress });
    const path = join(folder, 'night.json');
    const ofTheDead = JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: 2 ** 22 + 1 });
    writeFileSync(path, ofTheDead);
    expect(readProgress(folder)).toBeNull();
    endProgress(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['', 'not JSON: '],
  ['{"pid":1}', 'started_at: '],
  ['{"pid":"1","started_at":"2021-01-02T02:00:00.000Z"}', 'pid: '],
])('damaged progress is an error that names the file: %j', (text, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-night-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'night.json');
  writeFileSync(path, text);
  expect(() => readProgress(folder)).toThrow(`${path}: ${expected}`);
});
