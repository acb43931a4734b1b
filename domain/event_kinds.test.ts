import { expect, test } from 'vitest';
import { EVENT_KINDS, eventOfTopic, eventTopic, topicBeside } from './event_kinds.ts';

test.each([null, 'eu', 'clicks'])('beside the topic of clicks of region %s are those of the other kinds', (region) => {
  for (const kind of EVENT_KINDS) {
    expect(topicBeside(eventTopic('click', region), kind)).toBe(eventTopic(kind, region));
  }
});

test('a topic that is none of clicks has no topics beside it, rather than being its own', () => {
  expect(() => topicBeside('ad-minutes', 'impression')).toThrow('ad-minutes is no topic of clicks');
});

test.each(['clicks', 'clicks-rejected', 'impression-minutes', 'impressionsx'])(
  'the kind of a topic, not of %s',
  (other) => {
    for (const kind of EVENT_KINDS) {
      for (const region of [null, 'eu']) expect(eventOfTopic(eventTopic(kind, region))).toBe(kind);
    }
    if (other !== 'clicks') expect(eventOfTopic(other)).toBeNull();
  },
);
