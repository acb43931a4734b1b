import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionsOf } from './sessions.ts';

const click = (user_id: string, seconds: number) => ({ user_id, ms: seconds * 1_000 });

test.each<[what: string, clicks: [string, number][], sessions: [string, number, number, number][]]>([
  ['no click', [], []],
  ['one click', [['u', 5]], [['u', 5, 5, 1]]],
  [
    'a pause of exactly the gap',
    [
      ['u', 0],
      ['u', 60],
    ],
    [['u', 0, 60, 2]],
  ],
  [
    'a longer pause',
    [
      ['u', 0],
      ['u', 60.001],
    ],
    [
      ['u', 0, 0, 1],
      ['u', 60.001, 60.001, 1],
    ],
  ],
  [
    'a chain that is longer than the gap',
    [
      ['u', 0],
      ['u', 50],
      ['u', 100],
    ],
    [['u', 0, 100, 3]],
  ],
  [
    'clicks that come in any order',
    [
      ['u', 100],
      ['u', 0],
      ['u', 50],
    ],
    [['u', 0, 100, 3]],
  ],
  [
    'clicks of the same moment',
    [
      ['u', 7],
      ['u', 7],
    ],
    [['u', 7, 7, 2]],
  ],
  [
    'users between one another',
    [
      ['b', 0],
      ['a', 0],
      ['b', 30],
      ['a', 90],
    ],
    [
      ['a', 0, 0, 1],
      ['b', 0, 30, 2],
      ['a', 90, 90, 1],
    ],
  ],
])('sessions of a minute: %s', (_, clicks, expected) => {
  const found = sessionsOf(
    clicks.map(([user, seconds]) => click(user, seconds)),
    60_000,
  );
  const inSeconds = found.map(({ user_id, fromMs, toMs, clicks: n }) => [user_id, fromMs / 1_000, toMs / 1_000, n]);
  expect(inSeconds).toEqual(expected);
});

test('each click is in one session, and two sessions of a user are further apart than the gap', () => {
  const drawn = fc.record({
    clicks: fc.array(fc.record({ user_id: fc.constantFrom('a', 'b', 'ü'), ms: fc.nat(100_000) })),
    gapMs: fc.nat(20_000),
  });
  fc.assert(
    fc.property(drawn, ({ clicks, gapMs }) => {
      const sessions = sessionsOf(clicks, gapMs);
      expect(sessions.reduce((sum, session) => sum + session.clicks, 0)).toBe(clicks.length);
      for (const user of ['a', 'b', 'ü']) {
        const own = sessions.filter(({ user_id }) => user_id === user);
        for (const [i, { fromMs }] of own.entries()) {
          expect(fromMs - (own[i - 1]?.toMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(gapMs);
        }
        for (const { ms } of clicks.filter(({ user_id }) => user_id === user)) {
          expect(own.filter(({ fromMs, toMs }) => ms >= fromMs && ms <= toMs)).toHaveLength(1);
        }
      }
    }),
  );
});
