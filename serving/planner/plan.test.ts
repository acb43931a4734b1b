import { expect, test } from 'vitest';
import { ALL_CLICKS, type Filter } from '../../domain/filters/filter.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import type { Part } from './parts.ts';
import { plan } from './plan.ts';
import { NO_SEARCH, type Question, type ServingState } from './question.ts';

const t = (text: string): number => Date.parse(`${text}Z`);
const run = (date: string, n = 1, firstRun = 1): PublishedRun => ({ date, run: n, firstRun, cut: { 'clicks-0': 5 } });
const published = (...runs: PublishedRun[]) => new Map(runs.map((entry) => [entry.date, entry]));
const question = (from: string, to: string, more: Partial<Question> = {}): Question => ({
  adId: 'a',
  filter: ALL_CLICKS,
  registered: null,
  asOfMs: null,
  fromMs: t(from),
  toMs: t(to),
  ...more,
});
const USER: Filter = { ...ALL_CLICKS, user_id: { in: ['u'], not: [] } };
const state = (more: Partial<ServingState>): ServingState => ({ ...NO_SEARCH, published: new Map(), ...more });

/** `kind what from..to` */
function describe(part: Part): string {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', '').replace(':00Z', '');
  const range = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => `${time(fromMs)}..${time(toMs)}`;
  if ('ranges' in part) return `${part.kind} ${part.ranges.map(range).join(' ')}`;
  const what = 'indexes' in part ? part.indexes : part.runs.map((entry) => `${entry.date}/${entry.run}`);
  return `${part.kind} ${what.join(',')} ${range(part)}`;
}
const parts = (asked: Question, known: ServingState): string[] => plan(asked, known).parts.map(describe);

const TODAY = state({ boundaryMs: t('2021-01-03T10:05'), heldIndexes: new Set(['ad-minutes-2021.01.03-rt']) });

test.each<[string, Question, ServingState, string[]]>([
  [
    'closed minutes come from the real-time index, open ones from ClickHouse',
    question('2021-01-03T10:00', '2021-01-03T10:08'),
    TODAY,
    [
      'realtime_index ad-minutes-2021.01.03-rt 2021-01-03T10:00:00..2021-01-03T10:05:00',
      'realtime_minutes 2021-01-03T10:05:00..2021-01-03T10:08:00',
    ],
  ],
  [
    'seconds at both ends come from raw clicks',
    question('2021-01-03T10:00:30', '2021-01-03T10:02:10'),
    TODAY,
    [
      'realtime_raw 2021-01-03T10:00:30..2021-01-03T10:01:00',
      'realtime_raw 2021-01-03T10:02:00..2021-01-03T10:02:10',
      'realtime_index ad-minutes-2021.01.03-rt 2021-01-03T10:01:00..2021-01-03T10:02:00',
    ],
  ],
  [
    'a range within a minute uses only raw clicks',
    question('2021-01-03T10:00:30', '2021-01-03T10:00:31.5'),
    TODAY,
    ['realtime_raw 2021-01-03T10:00:30..2021-01-03T10:00:31.500Z'],
  ],
  [
    'a range without a whole minute over midnight is cut at the published day',
    question('2021-01-01T23:59:30', '2021-01-02T00:00:30'),
    state({ published: published(run('2021-01-01')) }),
    [
      'run_raw 2021-01-01/1 2021-01-01T23:59:30..2021-01-02T00:00:00',
      'realtime_raw 2021-01-02T00:00:00..2021-01-02T00:00:30',
    ],
  ],
  [
    'a published day has its run even beyond the boundary, from ClickHouse if its index is not held',
    question('2021-01-01T00:00', '2021-01-04T00:00'),
    state({
      boundaryMs: t('2021-01-01T12:00'),
      published: published(run('2021-01-01', 2), run('2021-01-02')),
      heldIndexes: new Set(['ad-minutes-2021.01.01-r2', 'ad-minutes-2021.01.01-r1', 'ad-minutes-2021.01.02-rt']),
    }),
    [
      'run_index ad-minutes-2021.01.01-r2 2021-01-01T00:00:00..2021-01-02T00:00:00',
      'run_minutes 2021-01-02/1 2021-01-02T00:00:00..2021-01-03T00:00:00',
      'realtime_minutes 2021-01-03T00:00:00..2021-01-04T00:00:00',
    ],
  ],
  [
    'whole hours come from the hours of a run, the rest and runs without hours from minutes',
    question('2021-01-01T10:10', '2021-01-03T02:20'),
    state({
      published: published(run('2021-01-01'), run('2021-01-02'), run('2021-01-03')),
      heldIndexes: new Set([
        'ad-minutes-2021.01.01-r1',
        'ad-hours-2021.01.01-r1',
        'ad-minutes-2021.01.02-r1',
        'ad-minutes-2021.01.03-r1',
        'ad-hours-2021.01.03-r1',
        'ad-hours-2021.01.02-r2',
      ]),
    }),
    [
      'run_hours ad-hours-2021.01.01-r1,ad-hours-2021.01.03-r1 2021-01-01T11:00:00..2021-01-03T02:00:00',
      'run_index ad-minutes-2021.01.02-r1 2021-01-02T00:00:00..2021-01-03T00:00:00',
      'run_index ad-minutes-2021.01.01-r1 2021-01-01T10:10:00..2021-01-01T11:00:00',
      'run_index ad-minutes-2021.01.03-r1 2021-01-03T02:00:00..2021-01-03T02:20:00',
    ],
  ],
  [
    'a range without a whole hour over midnight comes from minutes',
    question('2021-01-01T23:10', '2021-01-02T00:50'),
    state({
      published: published(run('2021-01-01'), run('2021-01-02')),
      heldIndexes: new Set([
        'ad-minutes-2021.01.01-r1',
        'ad-hours-2021.01.01-r1',
        'ad-minutes-2021.01.02-r1',
        'ad-hours-2021.01.02-r1',
      ]),
    }),
    ['run_index ad-minutes-2021.01.01-r1,ad-minutes-2021.01.02-r1 2021-01-01T23:10:00..2021-01-02T00:50:00'],
  ],
  [
    'closed days that the indexer does not know had no clicks',
    question('2000-01-01T00:00', '2021-01-03T00:00'),
    TODAY,
    [],
  ],
  [
    'given-up days come from ClickHouse, next to each other in one range',
    question('2020-01-01T00:00', '2021-01-03T10:00'),
    { ...TODAY, givenUp: new Set(['2020-05-02', '2020-05-01', '2020-05-03', '2021-06-01']) },
    [
      'realtime_index ad-minutes-2021.01.03-rt 2020-01-01T00:00:00..2021-01-03T10:00:00',
      'realtime_minutes 2020-05-01T00:00:00..2020-05-04T00:00:00',
    ],
  ],
  [
    'before the first day of which all rows were seen, days come from ClickHouse, known or not, but for published ones',
    question('2020-12-31T00:00', '2021-01-03T10:10'),
    {
      ...TODAY,
      published: published(run('2021-01-01')),
      givenUp: new Set(['2020-12-31']),
      seenFromMs: t('2021-01-03T00:00'),
    },
    [
      'run_minutes 2021-01-01/1 2021-01-01T00:00:00..2021-01-02T00:00:00',
      'realtime_index ad-minutes-2021.01.03-rt 2020-12-31T00:00:00..2021-01-03T10:05:00',
      'realtime_minutes 2020-12-31T00:00:00..2021-01-01T00:00:00 2021-01-02T00:00:00..2021-01-03T00:00:00 2021-01-03T10:05:00..2021-01-03T10:10:00',
    ],
  ],
  [
    'without Elasticsearch everything comes from ClickHouse',
    question('2021-01-01T00:00', '2021-01-03T00:00'),
    state({ published: published(run('2021-01-01')) }),
    [
      'run_minutes 2021-01-01/1 2021-01-01T00:00:00..2021-01-02T00:00:00',
      'realtime_minutes 2021-01-02T00:00:00..2021-01-03T00:00:00',
    ],
  ],
  [
    'filters by address or user use raw clicks for the whole range',
    question('2020-12-31T12:00', '2021-01-03T10:00', { filter: USER }),
    { ...TODAY, published: published(run('2021-01-01')) },
    [
      'run_raw 2021-01-01/1 2021-01-01T00:00:00..2021-01-02T00:00:00',
      'realtime_raw 2020-12-31T12:00:00..2021-01-01T00:00:00 2021-01-02T00:00:00..2021-01-03T10:00:00',
    ],
  ],
  [
    'as of a past time, days with a run come from its minutes, and the others entirely from raw clicks',
    question('2020-12-31T23:59:30', '2021-01-03T10:00:10', { asOfMs: t('2021-01-04T00:00') }),
    { ...TODAY, published: published(run('2021-01-01', 2)), givenUp: new Set(['2021-01-02']) },
    [
      'run_minutes 2021-01-01/2 2021-01-01T00:00:00..2021-01-02T00:00:00',
      'realtime_raw 2020-12-31T23:59:30..2021-01-01T00:00:00 2021-01-02T00:00:00..2021-01-03T10:00:10',
    ],
  ],
  [
    'as of a past time, seconds of a day with a run come from raw clicks below its cut',
    question('2021-01-01T10:00:30', '2021-01-01T10:02:10', { asOfMs: t('2021-01-04T00:00') }),
    { ...TODAY, published: published(run('2021-01-01')) },
    [
      'run_raw 2021-01-01/1 2021-01-01T10:00:30..2021-01-01T10:01:00',
      'run_raw 2021-01-01/1 2021-01-01T10:02:00..2021-01-01T10:02:10',
      'run_minutes 2021-01-01/1 2021-01-01T10:01:00..2021-01-01T10:02:00',
    ],
  ],
])('%s', (_, asked, known, expected) => {
  expect(parts(asked, known)).toEqual(expected);
});

test.each<[string, PublishedRun[], string]>([
  ['provisional as soon as one day has no run', [run('2021-01-01')], 'provisional'],
  ['final when all days have their first run', [run('2021-01-01'), run('2021-01-02')], 'final'],
  ['restated when a day has another run than its first', [run('2021-01-01'), run('2021-01-02', 2, 1)], 'restated'],
])('the answer is %s', (_, runs, status) => {
  const { status: got } = plan(
    question('2021-01-01T10:00', '2021-01-03T00:00'),
    state({ published: published(...runs) }),
  );
  expect(got).toBe(status);
});

test('the receipt bounds what runs and real time answer for, and late clicks are searched for where runs are', () => {
  const known = state({ published: published(run('2021-01-02')) });
  const { batch, realtime, late, runs } = plan(question('2021-01-01T10:00:30', '2021-01-02T10:00'), known);
  expect(batch).toEqual({ fromMs: t('2021-01-02T00:00'), toMs: t('2021-01-02T10:00') });
  expect(realtime).toEqual({ fromMs: t('2021-01-01T10:00:30'), toMs: t('2021-01-02T00:00') });
  expect(late).toEqual({ runs, ...batch });
  expect(runs).toEqual([run('2021-01-02')]);
});

test('if no click can match, no store is queried, and the receipt is still that of the range', () => {
  const known = state({ published: published(run('2021-01-02')) });
  const [from, to] = ['2021-01-01T10:00:30', '2021-01-02T10:00'] as const;
  const asked = plan(question(from, to), known);
  for (const country of [
    { in: [], not: [] },
    { in: ['USA'], not: ['USA'] },
  ]) {
    const nothing = plan(question(from, to, { filter: { ...ALL_CLICKS, country } }), known);
    expect(nothing).toEqual({ ...asked, parts: [], late: null, sources: [] });
  }
});

test('the cost of planning ten thousand years depends only on the known days', () => {
  const known = { ...TODAY, published: published(run('2010-01-01')) };
  expect(parts(question('0001-01-01T00:00', '9999-12-31T00:00'), known)).toEqual([
    'run_minutes 2010-01-01/1 2010-01-01T00:00:00..2010-01-02T00:00:00',
    'realtime_index ad-minutes-2021.01.03-rt 0001-01-01T00:00:00..2021-01-03T10:05:00',
    'realtime_minutes 2021-01-03T10:05:00..9999-12-31T00:00:00',
  ]);
});

test.each(['2021-01-01T00:00', '2020-01-01T00:00'])('no plan for an empty range', (to) => {
  expect(() => plan(question('2021-01-01T00:00', to), state({}))).toThrow('empty');
});
