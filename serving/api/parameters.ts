import { z } from 'zod';
import { isToken, MAX_FIELD_BYTES } from '../../domain/click.ts';
import { filterParameters } from './filter_parameters.ts';
import { EXPECTED_INSTANT, parseInstant } from './instant.ts';
import { badParameters, type Complaint } from './problem.ts';
import { parsed } from './values.ts';

const integer = (min: number, max: number) =>
  parsed(`a whole number from ${min} to ${max}`, (text) => {
    const value = Number(text);
    return /^\d{1,9}$/.test(text) && value >= min && value <= max ? value : null;
  });

const instant = parsed(EXPECTED_INSTANT, parseInstant);

export const adId = parsed(`an ad id of 1 to ${MAX_FIELD_BYTES} bytes`, (text) => (isToken(text) ? text : null));
export const countParameters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  ...filterParameters,
  as_of: instant.optional(),
});
const MAX_WINDOW_S = 366 * 86_400;
export const seriesParameters = z.object({
  from: instant.optional(),
  to: instant.optional(),
  size: integer(1, MAX_WINDOW_S).default(60),
  hop: integer(1, MAX_WINDOW_S).optional(),
  ...filterParameters,
});
export const popularParameters = z.object({
  count: integer(1, 1_000).default(100),
  window: integer(1, 43_200).default(1),
  at: instant.optional(),
  ...filterParameters,
});
export const date = parsed('a UTC day such as 2021-01-01', (text) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(text) !== null ? text : null,
);
export const runsParameters = z.object({
  date: date.optional(),
  request: parsed('the id of a request', (text) => (/^[0-9a-f-]{36}$/.test(text) ? text : null)).optional(),
});
export const noParameters = z.object({});

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

/** Reads a part of the path. Throws a Problem that names it. */
export function readPath<S extends z.ZodType>(
  schema: S,
  parameter: string,
  path: Record<string, unknown>,
): z.output<S> {
  const result = schema.safeParse(path[parameter]);
  if (result.success) return result.data;
  const expected = result.error.issues[0]?.message ?? 'something else';
  throw badParameters([{ parameter, expected }]);
}
