import type { Request } from 'express';
import { z } from 'zod';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';
import type { CalendarUnit } from '../../../domain/zone.ts';
import { METRICS } from '../../planner/report.ts';
import { badParameters, type Complaint } from '../contract/problem.ts';
import { eventOrPerformance, eventParameter } from './event_parameter.ts';
import { filterParameters } from './filter_parameters.ts';
import { EXPECTED_INSTANT, INSTANT_PATTERN, parseInstant } from './instant.ts';
import { textParam, titled } from './values.ts';
import { zoneParameter } from './zone_parameter.ts';

function wholeNumber(text: string, min: number, max: number): number | null {
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= min && value <= max ? value : null;
}

const integer = (min: number, max: number) =>
  textParam(`a whole number from ${min} to ${max}`, (text) => wholeNumber(text, min, max), {
    type: 'integer',
    minimum: min,
    maximum: max,
  });

export const integerOr = (fallback: number, min: number, max: number) =>
  integer(min, max).describe(`a whole number from ${min} to ${max}; ${fallback} if it is left out`).default(fallback);

const instant = textParam(EXPECTED_INSTANT, parseInstant, { pattern: INSTANT_PATTERN });

const adId = textParam(`an ad id of 1 to ${MAX_FIELD_BYTES} bytes`, (text) => (isToken(text) ? text : null), {
  minLength: 1,
  maxLength: MAX_FIELD_BYTES,
});
export const adPath = z.object({ ad_id: adId });

export const from = titled(
  'The beginning, which is in the range; 60 s before "to" if it is left out',
  instant.optional(),
);
export const to = titled('The end, which is not in the range; now if it is left out', instant.optional());

export const asOf = titled('The answer as it would have been then', instant.optional());

export const performanceParameters = z.object({
  from,
  to,
  ...filterParameters,
  as_of: asOf,
});
export const countParameters = performanceParameters.extend(eventParameter);
const partOfId = textParam(
  `text of up to ${MAX_FIELD_BYTES} bytes, without control characters`,
  (text) => (text === '' || isToken(text) ? text : null),
  { maxLength: MAX_FIELD_BYTES },
);
export const adsParameters = z.object({
  prefix: titled('What the ids of the ads begin with; all if it is left out', partOfId.optional()),
  limit: titled('How many ads', integerOr(100, 1, 1_000)),
  after: titled('The id behind which the page begins: the last one of the page before', partOfId.optional()),
});
const MAX_WINDOW_S = 366 * 86_400;
/** Windows of the calendar of a zone. */
const UNIT_OF = { '1h': 'hour', '1d': 'day', '1w': 'week', '1mo': 'month' } as const;
const CALENDAR_SIZES = Object.keys(UNIT_OF);
const seconds = `a whole number of seconds from 1 to ${MAX_WINDOW_S}`;
/** Two types, which zod's own type of a schema does not know. */
const INTEGER_OR_TEXT = { type: ['integer', 'string'] } as unknown as z.core.JSONSchemaMeta;
const windowSize = textParam(
  `${seconds}, or one of ${CALENDAR_SIZES.join(', ')}; 60 if it is left out`,
  (text): number | { name: keyof typeof UNIT_OF; unit: CalendarUnit } | null => {
    const [name, unit] = Object.entries(UNIT_OF).find(([size]) => size === text) ?? [];
    if (name !== undefined && unit !== undefined) return { name: name as keyof typeof UNIT_OF, unit };
    return wholeNumber(text, 1, MAX_WINDOW_S);
  },
  { ...INTEGER_OR_TEXT, minimum: 1, maximum: MAX_WINDOW_S, pattern: `^(${CALENDAR_SIZES.join('|')})$` },
);
export const seriesParameters = z.object({
  from,
  to,
  size: titled('How long a window is', windowSize.default(60)),
  hop: titled(
    'Seconds from the beginning of a window to that of the next; "size" if it is left out',
    integer(1, MAX_WINDOW_S).optional(),
  ),
  tz: zoneParameter,
  ...eventOrPerformance,
  ...filterParameters,
});
const MAX_SESSIONS = 1_000;
export const sessionsParameters = z.object({
  from,
  to,
  gap: titled('Seconds without a click of the user after which a session has ended', integerOr(1_800, 1, 86_400)),
  limit: titled('Sessions of the page', integerOr(100, 1, MAX_SESSIONS)),
  offset: titled('Sessions before the page', integerOr(0, 0, 100_000)),
  ...eventParameter,
  ...filterParameters,
});
export const popularParameters = z.object({
  count: titled('How many ads', integerOr(100, 1, 1_000)),
  window: titled('Minutes', integerOr(1, 1, 43_200)),
  at: titled('The end of the window, rounded down to its minute; now if it is left out', instant.optional()),
  order: titled(
    'The metric of which the greatest come first, with all counts of each ad; the count of "event" if it is left out',
    textParam(`one of ${METRICS.join(', ')}`, (text) => METRICS.find((metric) => metric === text) ?? null, {
      type: 'string',
      enum: [...METRICS],
    }).optional(),
  ),
  min_impressions: titled('With "order": only ads with as many', integer(0, 999_999_999).optional()),
  min_clicks: titled('With "order": only ads with as many', integer(0, 999_999_999).optional()),
  ...eventParameter,
  ...filterParameters,
});
export const date = textParam(
  'a UTC day such as 2021-01-01',
  (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(text) !== null ? text : null),
  { format: 'date' },
);
export const datePath = z.object({ date });
export const kindParameters = z.object(eventParameter);
const requestId = textParam('the id of a request', (text) => (/^[0-9a-f-]{36}$/.test(text) ? text : null), {
  pattern: '^[0-9a-f-]{36}$',
});
export const requestPath = z.object({ id: requestId });
export const runsParameters = z.object({
  ...eventParameter,
  date: titled('Runs of this day only', date.optional()),
  request: titled('Runs of this request only, as POST /v1/runs has named it', requestId.optional()),
});

export const queryOf = ({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams =>
  new URL(originalUrl, 'http://api').searchParams;

/** Parses a query string. Throws a Problem that names every parameter that is unknown, repeated or malformed. */
export function readParameters<S extends z.ZodObject>(schema: S, query: URLSearchParams): z.output<S> {
  const known = Object.keys(schema.shape);
  const complaints: Complaint[] = [];
  for (const parameter of new Set(query.keys())) {
    if (!known.includes(parameter)) {
      complaints.push({ parameter, expected: known.length === 0 ? 'no parameters' : `only ${known.join(', ')}` });
    } else if (query.getAll(parameter).length > 1) {
      complaints.push({ parameter, expected: 'it once (several values go by comma)' });
    }
  }
  const result = schema.safeParse(Object.fromEntries(query));
  for (const { path, message } of result.error?.issues ?? []) {
    const parameter = String(path[0]);
    complaints.push({ parameter, expected: message, got: query.get(parameter) ?? '' });
  }
  if (!result.success || complaints.length > 0) throw badParameters(complaints);
  return result.data;
}

/** Parses path parameters, which the router has decoded. Throws a Problem that names malformed ones. */
export function readPath<S extends z.ZodObject>(schema: S, path: Record<string, unknown>): z.output<S> {
  const result = schema.safeParse(path);
  if (result.success) return result.data;
  throw badParameters(
    result.error.issues.map(({ path: [parameter], message }) => ({ parameter: String(parameter), expected: message })),
  );
}
