import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Continuity } from './continuity.ts';
import { fingerprintOf } from './fingerprint.ts';

/** One message of a log. */
interface Logged {
  epoch: number;
  at: number;
  value: string;
}

function messageOf({ epoch, at, value }: Logged, offsetNumber: number) {
  const bytes = Buffer.from(`before ${value} behind`);
  const [valueStart, valueLength] = ['before '.length, Buffer.byteLength(value)];
  return { offsetNumber, arrivedMs: at, bytes, valueStart, valueLength, leaderEpoch: epoch };
}

/** The messages `[from, to)` of a log, as a batch. */
const batchOf = (log: Logged[], from: number, to = log.length) =>
  log.slice(from, to).map((logged, i) => messageOf(logged, from + i));

const logOf = (length: number, epoch = 1): Logged[] =>
  Array.from({ length }, (_, i) => ({ epoch, at: 1_000 + i, value: `click ${i}` }));

function lastOf(log: Logged[], offset: number) {
  const { value, at } = log[offset] as Logged;
  return fingerprintOf(Buffer.from(value), at);
}

test('the message before ours is read again, compared, and what follows is taken', () => {
  const log = logOf(10);
  const continuity = new Continuity('clicks-0', 5, lastOf(log, 4));
  expect(continuity.judge(batchOf(log, 5), 10)).toEqual({ do: 'seek', offset: 4 });
  expect(continuity.judge(batchOf(log, 4), 10)).toEqual({ do: 'take' });
});

test.each<[string, Partial<Logged>]>([
  ['another value', { value: 'click 99' }],
  ['another time', { at: 7 }],
])('a message before ours with %s stops the partition', (_, change) => {
  const log = logOf(10);
  const continuity = new Continuity('clicks-0', 5, lastOf(log, 4));
  const other = log.with(4, { ...(log[4] as Logged), ...change });
  expect(continuity.judge(batchOf(other, 4), 10)).toMatchObject({
    do: 'stop',
    why: expect.stringMatching(/^clicks-0: the message at offset 4 arrived at .* the log was cut or made anew$/),
  });
});

test('a log that ends below ours stops the partition, with the messages that are gone', () => {
  const continuity = new Continuity('clicks-0', 5, null);
  const why = 'clicks-0: its log ends at offset 3; messages 3 to 4 of clicks-0 were read, and are no longer in Kafka';
  expect(continuity.judgeEnd(3)).toEqual({ do: 'stop', why });
  expect(continuity.judge(batchOf(logOf(3), 0), 3)).toEqual({ do: 'stop', why });
  expect(continuity.judgeEnd(5)).toEqual({ do: 'take' });
});

test('if the message before ours has left the topic, the first one there must be ours', () => {
  const log = logOf(10);
  const quiet = new Continuity('clicks-0', 5, lastOf(log, 4));
  expect(quiet.judge(batchOf(log, 5), 10)).toEqual({ do: 'seek', offset: 4 });
  expect(quiet.judge(batchOf(log, 5), 10)).toEqual({ do: 'take' });

  const late = new Continuity('clicks-0', 5, lastOf(log, 4));
  expect(late.judge(batchOf(log, 7), 10)).toEqual({ do: 'seek', offset: 4 });
  expect(late.judge(batchOf(log, 7), 10)).toEqual({ do: 'gap', found: 7 });
});

test('with nothing on record it begins at once, and a gap is one', () => {
  expect(new Continuity('clicks-0', 0, null).judge(batchOf(logOf(3), 0), 3)).toEqual({ do: 'take' });
  expect(new Continuity('clicks-0', 0, null).judge(batchOf(logOf(3), 2), 3)).toEqual({ do: 'gap', found: 2 });
});

test('a batch of another leader epoch is compared first, and only once if the message before comes alone', () => {
  const log = [...logOf(5), ...logOf(10, 2).slice(5)];
  const continuity = new Continuity('clicks-0', 0, null);
  continuity.judge(batchOf(log, 0, 5), 10);
  continuity.taken(messageOf(log[4] as Logged, 4));
  expect(continuity.judge(batchOf(log, 5), 10)).toEqual({ do: 'seek', offset: 4 });
  expect(continuity.judge(batchOf(log, 4, 5), 10)).toEqual({ do: 'take' });
  expect(continuity.judge(batchOf(log, 5), 10)).toEqual({ do: 'take' });
});

/** Appends to the log, or cuts it as a new leader without the last messages would, maybe writing on, or reads a batch. */
type Act =
  | { do: 'append'; count: number }
  | { do: 'cut'; by: number; after: number }
  | { do: 'read'; from: number; count: number };

test('whatever is cut and written, no message is taken that does not follow those taken before', () => {
  const small = fc.integer({ min: 1, max: 4 });
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ do: fc.constant('append' as const), count: small }),
    fc.record({ do: fc.constant('cut' as const), by: small, after: fc.integer({ min: 0, max: 6 }) }),
    fc.record({
      do: fc.constant('read' as const),
      from: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let [log, epoch, written]: [Logged[], number, number] = [[], 1, 0];
      const append = (count: number): void => {
        for (let i = 0; i < count; i++) log = [...log, { epoch, at: written, value: `click ${written++}` }];
      };
      const taken: Logged[] = [];
      const continuity = new Continuity('clicks-0', 0, null);
      for (const step of acts) {
        if (step.do === 'append') {
          append(step.count);
        } else if (step.do === 'cut') {
          log = log.slice(0, Math.max(0, log.length - step.by));
          epoch += 1;
          append(step.after);
        } else {
          // From ours on or, after a request that was out of range, from somewhat before.
          let from = Math.max(0, Math.min(taken.length, log.length) - step.from);
          for (let tries = 0; tries < 3; tries++) {
            const batch = batchOf(log, from, from + step.count);
            if (batch.length === 0) break;
            const verdict = continuity.judge(batch, log.length);
            if (verdict.do === 'stop') return;
            expect(verdict.do).not.toBe('gap');
            if (verdict.do === 'seek') {
              from = verdict.offset;
              continue;
            }
            const ours = batch.filter(({ offsetNumber }) => offsetNumber >= taken.length);
            if (ours.length > 0) expect(taken).toEqual(log.slice(0, taken.length));
            for (const { offsetNumber } of ours) taken.push(log[offsetNumber] as Logged);
            const last = ours.at(-1);
            if (last !== undefined) continuity.taken(last);
            break;
          }
        }
      }
    }),
  );
});
