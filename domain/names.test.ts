import { expect, test } from 'vitest';
import { eventTopic, eventTopics } from './event_kinds.ts';
import { isRegion, TOPICS, topicOf, topicPartition } from './names.ts';

test('clicks of a region have their own topic, beside the one without a region', () => {
  expect(eventTopic('click', null)).toBe('clicks');
  expect(eventTopics('click', [])).toEqual(['clicks']);
  expect(eventTopics('click', ['eu', 'us-west-2'])).toEqual(['clicks', 'clicks.eu', 'clicks.us-west-2']);
});

test.each(['eu', 'us-west-2', '7', 'a'.repeat(30)])('%s is a region, and no other topic has its name', (name) => {
  expect(isRegion(name)).toBe(true);
  expect(Object.values(TOPICS)).not.toContain(eventTopic('click', name));
  expect(topicOf(topicPartition(eventTopic('click', name), 12))).toBe(eventTopic('click', name));
});

test.each(['', 'EU', 'eu.west', 'eu_west', '-eu', 'eu-', 'e--u', 'ü', 'eu west', 'a'.repeat(31)])(
  '"%s" is not a region',
  (name) => expect(isRegion(name)).toBe(false),
);
