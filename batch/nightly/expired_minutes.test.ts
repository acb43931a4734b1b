import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FEWEST_MINUTE_DAYS, type Gone, goneKey, monthNumber, rawKeptSinceMs } from '../../domain/retention.ts';
import { DAY_MS, HOUR_MS } from '../../domain/time.ts';
import { ANNOUNCED_MS } from '../../infra/raw_kept.ts';
import { type MinutesState, planMinutes } from './expired_minutes.ts';

const NOW = Date.parse('2026-06-01');
const [OLD, NEW] = [NOW - 500 * DAY_MS, NOW - 10 * DAY_MS];
const run = (day: string, number: number) => ({ day, run: number, bytes: 10 });
const answered = (sinceMs: number, current = 1, newest = current) => ({ sinceMs, current, newest });
const stateOf = (change: Partial<MinutesState>): MinutesState => ({
  runs: [],
  months: [],
  gone: [],
  answering: new Map(),
  blocked: new Set(),
  rawGoneBefore: 202605,
  ...change,
});

test.each<[string, Partial<MinutesState>, announced: string[], kept: string[]]>([
  ['nothing', {}, [], []],
  [
    'all runs of a day that one has answered for long ago',
    { runs: [run('2021-01-01', 1), run('2021-01-01', 2)], answering: new Map([['2021-01-01', answered(OLD, 2)]]) },
    ['2021-01-01/1/0', '2021-01-01/2/0'],
    [],
  ],
  [
    'none of a day of long ago that was counted lately',
    { runs: [run('2021-01-01', 1), run('2021-01-01', 2)], answering: new Map([['2021-01-01', answered(NEW, 2)]]) },
    [],
    [],
  ],
  [
    'also the runs that a day was rolled back from, and none that is at work',
    {
      runs: [1, 2, 3].map((number) => run('2021-01-01', number)),
      answering: new Map([['2021-01-01', answered(OLD, 1, 2)]]),
    },
    ['2021-01-01/1/0', '2021-01-01/2/0'],
    [],
  ],
  [
    'none of a day that was given back to real time',
    { runs: [run('2021-01-01', 1)], answering: new Map([['2021-01-01', answered(OLD, 0, 1)]]) },
    [],
    ['202101 10 2021-01-01'],
  ],
  [
    'none of a blocked day',
    {
      runs: [run('2021-01-01', 1)],
      answering: new Map([['2021-01-01', answered(OLD)]]),
      blocked: new Set(['2021-01-01']),
    },
    [],
    ['202101 10 2021-01-01'],
  ],
  [
    'real time of a month, whenever its days were counted',
    {
      months: [{ month: 202501, days: ['2025-01-01', '2021-01-01'], bytes: 5 }],
      answering: new Map([
        ['2025-01-01', answered(OLD)],
        ['2021-01-01', answered(NEW)],
      ]),
    },
    ['2025-01-01/0/202501', '2021-01-01/0/202501'],
    [],
  ],
  [
    'no real time while raw rows of the month are there',
    {
      months: [{ month: 202501, days: ['2025-01-01'], bytes: 5 }],
      answering: new Map([['2025-01-01', answered(OLD)]]),
      rawGoneBefore: 202501,
    },
    [],
    [],
  ],
  [
    'no real time of a month with a day that has no run',
    {
      months: [{ month: 202501, days: ['2025-01-01', '2025-01-02'], bytes: 5 }],
      answering: new Map([['2025-01-01', answered(OLD)]]),
    },
    [],
    ['202501 5 2025-01-02'],
  ],
  ['no real time that came lately', { months: [{ month: 202605, days: ['2021-01-01'], bytes: 5 }] }, [], []],
])('%s', (_, state, announced, kept) => {
  const plan = planMinutes(stateOf(state), NOW, 400);
  expect(plan.announce.map(goneKey)).toEqual(announced);
  expect(plan.kept.map(({ month, bytes, days }) => `${month} ${bytes} ${days.join()}`)).toEqual(kept);
  expect([plan.runs, plan.months]).toEqual([[], []]);
});

test('what is on record goes once every question knows, whatever the setting is by then', () => {
  const gone = (announcedMs: number) => [{ day: '2021-01-01', run: 1, month: 0, announcedMs }];
  const state = { runs: [run('2021-01-01', 1)], answering: new Map([['2021-01-01', answered(OLD)]]) };
  const dropped = (ms: number) => planMinutes(stateOf({ ...state, gone: gone(ms) }), NOW, 1_000).runs;
  expect(dropped(NOW - ANNOUNCED_MS)).toEqual([]);
  expect(dropped(NOW - ANNOUNCED_MS - 1)).toEqual(state.runs);
});

/** ClickHouse with a few days, of which some are of long ago, as commands, senders and nights change it. */
class Model {
  nowMs = Date.parse('2024-01-10');
  readonly days = ['2021-01-01', '2023-12-31', '2024-01-01'];
  readonly runs = new Set<string>();
  readonly realtime = new Map<number, Set<string>>();
  readonly gone: (Gone & { announcedMs: number })[] = [];
  readonly published = new Map<string, { run: number; atMs: number }[]>();
  readonly blocked = new Set<string>();

  answering(day: string) {
    const all = this.published.get(day) ?? [];
    const last = all.at(-1);
    return last && { current: last.run, sinceMs: last.atMs, newest: Math.max(...all.map((one) => one.run)) };
  }

  publish(day: string, number: number): void {
    this.published.set(day, [...(this.published.get(day) ?? []), { run: number, atMs: this.nowMs }]);
  }

  state(): MinutesState {
    const answering = this.days.flatMap((day) => {
      const one = this.answering(day);
      return one ? [[day, one] as const] : [];
    });
    const split = (key: string) => ({ day: key.slice(0, 10), run: Number(key.slice(11)), bytes: 1 });
    return {
      runs: [...this.runs].map(split),
      months: [...this.realtime]
        .filter(([, days]) => days.size > 0)
        .map(([month, days]) => ({ month, days: [...days], bytes: 1 })),
      gone: this.gone,
      answering: new Map(answering),
      blocked: this.blocked,
      rawGoneBefore: monthNumber(rawKeptSinceMs(this.nowMs)),
    };
  }

  night(minuteDays: number): void {
    const plan = planMinutes(this.state(), this.nowMs, minuteDays);
    const announced = new Set(plan.announce.map(goneKey));
    for (const { day, run } of plan.announce) {
      const one = this.answering(day);
      expect(one?.current, 'a day that a run answers for').toBeGreaterThan(0);
      expect(this.blocked).not.toContain(day);
      if (run > 0) expect(this.nowMs - (one?.sinceMs ?? 0)).toBeGreaterThan(minuteDays * DAY_MS);
    }
    for (const { day, run } of plan.runs) {
      expect(announced).not.toContain(goneKey({ day, run, month: 0 }));
      this.runs.delete(`${day}/${run}`);
    }
    for (const month of plan.months) {
      for (const day of this.realtime.get(month) ?? [])
        expect(announced).not.toContain(goneKey({ day, run: 0, month }));
      this.realtime.delete(month);
    }
    this.gone.push(...plan.announce.map((one) => ({ ...one, announcedMs: this.nowMs })));
  }

  /** Whatever a question needs is there, or it knows from the record that it is not. */
  check(arrived: ReadonlyMap<string, ReadonlySet<number>>): void {
    const onRecord = new Set(this.gone.map(goneKey));
    const missing: string[] = [];
    for (const [day, all] of this.published) {
      for (const { run } of all) {
        const isThere = run === 0 || this.runs.has(`${day}/${run}`);
        if (!isThere && !onRecord.has(goneKey({ day, run, month: 0 }))) missing.push(`run ${run} of ${day}`);
      }
    }
    for (const day of this.days) {
      if ((this.answering(day)?.current ?? 0) > 0) continue;
      for (const month of arrived.get(day) ?? []) {
        if (!this.realtime.get(month)?.has(day)) missing.push(`${day} in real time, arrived in ${month}`);
      }
    }
    expect(missing).toEqual([]);
  }
}

const aDay = fc.nat({ max: 2 });
const someDays = fc.integer({ min: FEWEST_MINUTE_DAYS, max: 500 });
const command = fc.oneof(
  fc.record({ kind: fc.constant('arrive' as const), day: aDay }),
  fc.record({ kind: fc.constant('publish' as const), day: aDay }),
  fc.record({ kind: fc.constant('roll back' as const), day: aDay, to: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('block' as const), day: aDay }),
  // Several, so that what one announces the next one drops.
  fc.record({ kind: fc.constant('nights' as const), hours: fc.nat({ max: 600 * 24 }), minuteDays: someDays }),
  fc.record({ kind: fc.constant('nights' as const), hours: fc.nat({ max: 2 }), minuteDays: someDays }),
);

test('property: minutes are there or on record as gone, and those of real time days are there', () => {
  let dropped = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), (commands) => {
      const model = new Model();
      const arrived = new Map<string, Set<number>>();
      for (const one of commands) {
        const day = 'day' in one ? (model.days[one.day] as string) : '';
        const newest = model.answering(day)?.newest ?? 0;
        if (one.kind === 'nights') {
          const before = model.runs.size + model.realtime.size;
          for (const hours of [one.hours, 0, 24]) {
            model.nowMs += hours * HOUR_MS;
            model.night(one.minuteDays);
          }
          dropped += before - model.runs.size - model.realtime.size;
        }
        if (one.kind === 'arrive') {
          const month = monthNumber(model.nowMs);
          model.realtime.set(month, (model.realtime.get(month) ?? new Set()).add(day));
          arrived.set(day, (arrived.get(day) ?? new Set()).add(month));
        }
        if (one.kind === 'publish') {
          model.blocked.delete(day);
          model.runs.add(`${day}/${newest + 1}`);
          model.publish(day, newest + 1);
        }
        if (one.kind === 'block' && newest > 0) model.blocked.add(day);
        const isRefused =
          one.kind === 'roll back' && one.to === 0 && model.gone.some((gone) => gone.day === day && gone.run === 0);
        if (one.kind === 'roll back' && one.to < (model.answering(day)?.current ?? 0) && !isRefused) {
          model.publish(day, one.to);
        }
        model.check(arrived);
      }
    }),
    { numRuns: 100, seed: 20_260_601 },
  );
  // Otherwise the property says nothing.
  expect(dropped).toBeGreaterThan(50);
});
