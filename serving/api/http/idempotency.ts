import type { Request } from 'express';
import { badParameters } from '../contract/problem.ts';

const IDEMPOTENCY_KEY = 'Idempotency-Key';
const MAX_KEY = 200;
const KEY_PATTERN = `^[\\x21-\\x7e]{1,${MAX_KEY}}$`;
const EXPECTED = `1 to ${MAX_KEY} visible ASCII characters`;

/** Null without the header. Throws a Problem for one that is no key. */
export function idempotencyKeyOf(request: Pick<Request, 'get'>): string | null {
  const key = request.get(IDEMPOTENCY_KEY);
  if (key === undefined) return null;
  if (!new RegExp(KEY_PATTERN).test(key)) throw badParameters([{ parameter: IDEMPOTENCY_KEY, expected: EXPECTED }]);
  return key;
}

/** The header in the description. */
export const idempotencyHeader = {
  name: IDEMPOTENCY_KEY,
  in: 'header',
  required: false,
  description: `Sent again with the same one, a request is made once and answered alike: ${EXPECTED}`,
  schema: { type: 'string', pattern: KEY_PATTERN },
};
