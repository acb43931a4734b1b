import { z } from 'zod';
import { parseNetwork } from '../../../domain/address/network.ts';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';

/**
 * A text parsed by `parse`, which returns null for invalid text.
 * @param described its JSON Schema, as far as one can express it
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

/** Describes what a parameter is for, beside its format. */
export const titled = <S extends z.ZodType>(meaning: string, schema: S): S => schema.meta({ title: meaning });

/** False for an unpaired surrogate, which would be stored as a different text. */
export const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

export const MAX_VALUES = 100;

/** One value of a filter, wherever it comes from. `parse` returns its canonical spelling. */
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
