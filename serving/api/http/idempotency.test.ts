import { expect, test } from 'vitest';
import { idempotencyKeyOf } from './idempotency.ts';

const sent = (key: string | undefined) => idempotencyKeyOf({ get: () => key } as never);

test.each([undefined, 'a', '3f0c-9', 'x'.repeat(200)])('the key %s is taken as it is', (key) => {
  expect(sent(key)).toBe(key ?? null);
});

test.each(['', ' ', 'two words', 'é', 'x'.repeat(201)])('the key %j is refused', (key) => {
  expect(() => sent(key)).toThrow(/^Idempotency-Key: expected 1 to 200/);
});
