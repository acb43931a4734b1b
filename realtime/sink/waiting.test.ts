import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrived } from '../../test/support/kafkajs.ts';
import { Waiting } from './waiting.ts';

const value = fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)));
const step = fc.oneof(
  fc.record({
    add: fc.array(fc.record({ value, arrivedMs: fc.nat(), offset: fc.maxSafeNat() })),
  }),
  fc.record({ take: fc.nat({ max: 10 }) }),
);

interface Seen {
  offset: number;
  arrivedMs: number;
  value: Buffer | null;
}
const seen = ({ offset, arrivedMs, value }: Seen): Seen => ({ offset, arrivedMs, value });

test('each message is taken once, in order and unchanged, however it was read and is taken', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const waiting = new Waiting();
      const added: Seen[] = [];
      const taken: Seen[] = [];
      for (const each of steps) {
        if ('take' in each) {
          const some = waiting.take(each.take);
          expect(some).toHaveLength(Math.min(each.take, added.length - taken.length));
          taken.push(...some.map(seen));
        } else {
          waiting.add(each.add.map(arrived));
          added.push(...each.add);
        }
        expect(waiting.length).toBe(added.length - taken.length);
      }
      taken.push(...waiting.take(added.length).map(seen));
      expect(taken).toEqual(added);
    }),
  );
});
