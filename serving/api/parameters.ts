import type { Request } from 'express';
import { z } from 'zod';
import { canonicalIp, isToken, MAX_FIELD_BYTES } from '../../domain/click.ts';
import { EXPECTED_INSTANT, INSTANT_PATTERN, parseInstant } from './instant.ts';
import { badParameters, type Complaint } from './problem.ts';

/**
 * A parameter read by `parse`, which returns null for what it does not understand.
 * @param described its JSON Schema, as far as one can say it
 */
const parsed = <T>(expected: string, parse: (text: string) => T | null, described: z.core.JSONSchemaMeta = {}) =>
  z
    .string()
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== null) return value;
      context.addIssue(expected);
      return z.NEVER;
    })
    .meta({ description: expected, ...described });

const integer = (min: number, max: number) =>
  parsed(
    `a whole number from ${min} to ${max}`,
    (text) => {
      const value = Number(text);
      return /^\d{1,9}$/.test(text) && value >= min && value <= max ? value : null;
    },
    { type: 'integer', minimum: min, maximum: max },
  );

const integerOr = (fallback: number, min: number, max: number) =>
  integer(min, max).describe(`a whole number from ${min} to ${max}; ${fallback} if it is left out`).default(fallback);

const MAX_VALUES = 100;

const list = (expected: string, parse: (text: string) => string | null) =>
  parsed(`${expected}, or up to ${MAX_VALUES} by comma`, (text) => {
    const values = text.split(',').map((part) => parse(part.trim()));
    return values.length <= MAX_VALUES && values.every((value) => value !== null) ? values : null;
  });

/** One spelling for each network; an address is a network of one. */
export function parseNetwork(text: string): string | null {
  const match = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text);
  const address = canonicalIp(match?.[1] ?? '');
  if (!match || address === '') return null;
  const bits = address.includes(':') ? 128 : 32;
  // `::ffff:10.0.0.0/104` is the network 10.0.0.0/8.
  const mapped = bits === 32 && (match[1] as string).includes(':') ? 96 : 0;
  const length = match[2] === undefined ? bits : Number(match[2]) - mapped;
  return length >= 0 && length <= bits ? `${address}/${length}` : null;
}

const instant = parsed(EXPECTED_INSTANT, parseInstant, { pattern: INSTANT_PATTERN });

const filters = {
  country: list('a country of 2 or 3 letters', (text) =>
    /^[A-Za-z]{2,3}$/.test(text) ? text.toUpperCase() : null,
  ).optional(),
  ip: list('an IP address or a network such as 10.0.0.0/8', parseNetwork).optional(),
  user_id: list('a user id', (text) => (isToken(text) ? text : null)).optional(),
  filter: parsed('0 (all clicks): there are no registered filters yet', (text) => (text === '0' ? 0 : null)).optional(),
};

const adId = parsed(`an ad id of 1 to ${MAX_FIELD_BYTES} bytes`, (text) => (isToken(text) ? text : null), {
  ...{ minLength: 1, maxLength: MAX_FIELD_BYTES },
});
export const adPath = z.object({ ad_id: adId });

export const countParameters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  ...filters,
  as_of: instant.optional(),
});
const MAX_WINDOW_S = 366 * 86_400;
export const seriesParameters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  size: integerOr(60, 1, MAX_WINDOW_S),
  hop: integer(1, MAX_WINDOW_S).optional(),
  ...filters,
});
const MAX_SESSIONS = 1_000;
export const sessionsParameters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  gap: integerOr(1_800, 1, 86_400),
  limit: integerOr(100, 1, MAX_SESSIONS),
  offset: integerOr(0, 0, 100_000),
  ...filters,
});
export const popularParameters = z.object({
  count: integerOr(100, 1, 1_000),
  window: integerOr(1, 1, 43_200),
  at: instant.optional(),
  ...filters,
});
const date = parsed(
  'a UTC day such as 2021-01-01',
  (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(text) !== null ? text : null),
  { format: 'date' },
);
export const datePath = z.object({ date });
export const runsParameters = z.object({
  date: date.optional(),
  request: parsed('the id of a request', (text) => (/^[0-9a-f-]{36}$/.test(text) ? text : null), {
    pattern: '^[0-9a-f-]{36}$',
  }).optional(),
});

export const queryOf = ({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams =>
  new URL(originalUrl, 'http://api').searchParams;

/** Reads a query string. Throws a Problem that names every parameter that is unknown, repeated or malformed. */
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

/** Reads the parts of a path that vary, which the router has decoded. Throws a Problem that names what is malformed. */
export function readPath<S extends z.ZodObject>(schema: S, path: Record<string, unknown>): z.output<S> {
  const result = schema.safeParse(path);
  if (result.success) return result.data;
  throw badParameters(
    result.error.issues.map(({ path: [parameter], message }) => ({ parameter: String(parameter), expected: message })),
  );
}
