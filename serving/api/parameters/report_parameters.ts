import { z } from 'zod';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { DAY_MS, iso } from '../../../domain/time.ts';
import { UTC, type Zone } from '../../../domain/zone.ts';
import { excessCost } from '../../planner/cost.ts';
import { isRawQuestion } from '../../planner/plan.ts';
import type { Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import {
  DIMENSIONS,
  type Dimension,
  excessReport,
  isName,
  isOfDays,
  isTime,
  kindsBehind,
  METRICS,
  type Metric,
  metricsOf,
  NAME_DIMENSIONS,
  NAMES_OF,
  type NamesOf,
  type TimeKey,
  timeKey,
} from '../../planner/report.ts';
import { badParameters } from '../contract/problem.ts';
import { filterParameters } from './filter_parameters.ts';
import { asOf, from, integerOr, to } from './parameters.ts';
import { MAX_VALUES, textParam, titled } from './values.ts';
import { readZone, zoneParameter } from './zone_parameter.ts';

const MAX_KEYS = 2;

/** Different values of a closed list, by comma; null: anything else. */
function listOf<T extends string>(values: readonly T[], text: string): T[] | null {
  const found = text.split(',').map((part) => values.find((value) => value === part.trim()));
  const known = found.filter((value) => value !== undefined);
  return known.length === found.length && new Set(known).size === known.length ? known : null;
}

const by = textParam(`none or up to ${MAX_KEYS} of ${DIMENSIONS.join(', ')}, by comma`, (text): Dimension[] | null => {
  const dimensions = text === '' ? [] : listOf(DIMENSIONS, text);
  return dimensions !== null && dimensions.length <= MAX_KEYS ? dimensions : null;
});
const metrics = textParam(`some of ${METRICS.join(', ')}, by comma`, (text) => listOf(METRICS, text));

interface Order {
  by: Metric | 'key';
  isDescending: boolean;
}
const order = textParam(
  `one of ${METRICS.join(', ')} or key; with a minus in front the greatest first`,
  (text): Order | null => {
    const isDescending = text.startsWith('-');
    const name = isDescending ? text.slice(1) : text;
    const found = ([...METRICS, 'key'] as const).find((metric) => metric === name);
    return found === undefined ? null : { by: found, isDescending };
  },
);
const names = textParam(
  `${NAMES_OF.join(' or ')}; ${NAMES_OF[0]} if it is left out`,
  (text) => NAMES_OF.find((of) => of === text) ?? null,
  { type: 'string', enum: [...NAMES_OF] },
);
/** Ids by comma; null: one of them is none. A comma of an id has a backslash before it, and so has a backslash before one. */
export function adIdsOf(text: string): string[] | null {
  const ids = [''];
  for (const [part] of text.matchAll(/\\[,\\]|[^,\\]+|\\|,/g)) {
    if (part === ',') ids.push('');
    else ids.push(ids.pop() + (part.length === 2 && part.startsWith('\\') ? part.slice(1) : part));
  }
  return ids.length <= MAX_VALUES && ids.every(isToken) ? ids : null;
}
const ads = textParam(`an ad id of 1 to ${MAX_FIELD_BYTES} bytes, or up to ${MAX_VALUES} by comma`, adIdsOf);
const snapshot = textParam('the snapshot of an answer', (text) => (z.uuid().safeParse(text).success ? text : null), {
  format: 'uuid',
});

export const reportParameters = z.object({
  by: titled('What there is a row for; only the total if it is left out', by.optional()),
  metrics: titled('What rows have; all of the kinds that are run if it is left out', metrics.optional()),
  from,
  to,
  ad: titled('Only these ads; a comma of an id is written with a backslash before it', ads.optional()),
  ...filterParameters,
  order: titled('The order of rows; minus the first metric if it is left out', order.optional()),
  limit: titled('Rows of the page', integerOr(100, 1, 10_000)),
  offset: titled('Rows before the page', integerOr(0, 0, 100_000_000)),
  tz: zoneParameter,
  names: titled(
    'Campaigns and advertisers as they were at the time of the event, or as they are now',
    names.optional(),
  ),
  as_of: asOf,
  snapshot: titled('Answer from the same state as this answer did', snapshot.optional()),
});

/** Parameters that decide over the rows of a report, not over its page. */
const OF_PAGE = ['metrics', 'order', 'limit', 'offset', 'snapshot'];
export const askedOf = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...query].filter(([name]) => !OF_PAGE.includes(name)));

/** Throws a Problem that lists the metrics of the kinds that are run, if these are not. */
export function checkMetrics(parameter: 'metrics' | 'order', asked: readonly Metric[], run: EventKind[]): void {
  if (kindsBehind(asked).every((event) => run.includes(event))) return;
  const expected = `metrics of kinds that are run (EVENT_KINDS): ${metricsOf(run).join(', ')}`;
  throw badParameters([{ parameter, expected, got: asked.join() }]);
}

/** By which names it is; null: by none. Throws a Problem if it is said of a report without them. */
export function readNamesOf(by: readonly Dimension[], names: NamesOf | undefined): NamesOf | null {
  if (by.some(isName)) return names ?? NAMES_OF[0];
  if (names === undefined) return null;
  throw badParameters([
    { parameter: 'names', expected: `it only with by ${NAME_DIMENSIONS.join(' or ')}`, got: names },
  ]);
}

/** The keys of a report. Throws a Problem that says what is allowed if it would read or give too much. */
export function readKeys(
  question: Question & Range,
  dimensions: Dimension[],
  tz: string | undefined,
): { keys: { dimension: Dimension; time: TimeKey | null }[]; zone: Zone } {
  const zone = tz === undefined ? UTC : readZone(tz);
  const range = { fromMs: question.fromMs, toMs: question.toMs };
  // By the lengths of units, before any is made.
  refuse(question, excessReport(range, dimensions, false));
  const keys = dimensions.map((dimension) => {
    const time = isTime(dimension) ? timeKey(dimension, range, zone) : null;
    if (isTime(dimension) && time === null) {
      const expected = `fewer hours in a zone whose clocks change by half an hour: a shorter range, or by day`;
      throw badParameters([{ parameter: 'by', expected, got: dimension }]);
    }
    return { dimension, time };
  });
  refuse(question, excessReport(range, dimensions, !keys.every(({ time }) => isOfDays(time))));
  const raw = isRawQuestion(question) ? excessCost(question) : null;
  if (raw !== null) {
    const why = `${raw.values} values over ${raw.days} days take too many raw rows`;
    refuse(question, { days: raw.allowedDays, why });
  }
  return { keys, zone };
}

function refuse({ toMs }: Range, excess: { days: number; why: string } | null): void {
  if (excess === null) return;
  const { days, why } = excess;
  throw badParameters([
    {
      parameter: 'from',
      expected: `a time not before ${iso(toMs - days * DAY_MS)} (${days} days before "to"): ${why}`,
    },
  ]);
}
