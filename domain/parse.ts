import type { z } from 'zod';

/** A value is not what it has to be; the message says where, what was expected and what came. */
export class ParseError extends Error {}

/**
 * The value as its schema has it.
 * @param what it is, for the message: a file, a statement, a topic
 */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, SHOWN_ISSUES).map((issue) => issueText(value, issue));
  const more = result.error.issues.length - issues.length;
  throw new ParseError(`${what}: ${issues.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}

export const parsedJson = <Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> =>
  parsed(schema, json(text, what), what);

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ParseError(`${what}: not JSON: ${shown(text)}`, { cause });
  }
}

const SHOWN_ISSUES = 3;
const SHOWN_LENGTH = 100;

function issueText(value: unknown, { path, message }: z.core.$ZodIssue): string {
  const place = path.length === 0 ? '' : `${path.join('.')}: `;
  return `${place}${message}, got ${shown(JSON.stringify(at(value, path)) ?? 'nothing')}`;
}

const at = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

const shown = (text: string): string => (text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`);
