import { z } from 'zod';
import { parseNetwork } from '../../../domain/address/network.ts';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';

/**
 * A text read by `parse`, which returns null for what it does not understand.
 * @param described its JSON Schema, as far as one can say it
 */
export const textParam = <T>(
  expected: string,
  parse: (text: string) => T | null,
  described: z.core.JSONSchemaMeta = {},
) =>
  z
    .string(expected)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== null) return value;
      context.addIssue(expected);
      return z.NEVER;
    })
    .meta({ description: expected, ...described });

/** Says what a parameter is for, beside what it may be. */
export const titled = <S extends z.ZodType>(meaning: string, schema: S): S => schema.meta({ title: meaning });

/** Not with half a character, which would be stored as another text than was given. */
export const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

export const MAX_VALUES = 100;

/** One value of a filter, wherever it comes from. `parse` returns it in its one spelling. */
export interface ValueRule {
  expected: string;
  parse: (text: string) => string | null;
}

export const COUNTRY: ValueRule = {
  expected: 'a country of 2 or 3 letters',
  parse: (text) => (/^[A-Za-z]{2,3}$/.test(text) ? text.toUpperCase() : null),
};

export const NETWORK: ValueRule = {
  expected: 'an IP address or a network such as 10.0.0.0/8',
  parse: parseNetwork,
};

export const USER_ID: ValueRule = {
  expected: `a user id of 1 to ${MAX_FIELD_BYTES} bytes`,
  parse: (text) => (isToken(text) && isWellFormed(text) ? text : null),
};
