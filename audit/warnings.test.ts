import { expect, test } from 'vitest';
import { setAsideSample } from '../test/support/set_aside.ts';
import { setAsideWarnings } from './warnings.ts';

const MESSAGE = setAsideSample(42, 3);

test('messages that were set aside are warned of, with the first place and what to do', () => {
  expect(setAsideWarnings({ total: 0, messages: [] })).toEqual([]);
  const [one] = setAsideWarnings({ total: 1, messages: [MESSAGE] });
  expect(one).toMatchObject({ warning: 'messages_set_aside', clicks: null });
  expect(one?.means).toMatch(
    /^a message of the second queue could not be read \(the first at offset 42 of ad-minutes, partition 3\)/,
  );
  expect(one?.means).toContain('./clickledger set-aside');
  expect(setAsideWarnings({ total: 9, messages: [MESSAGE] })[0]?.means).toMatch(/^9 messages of the second queue/);
});
