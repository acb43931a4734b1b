import { expect, test } from 'vitest';
import { clicksTopic, clicksTopics, isRegion, TOPICS, topicOf, topicPartition } from './names.ts';

test('clicks of a region have their own topic, beside the one without a region', () => {
  expect(clicksTopic(null)).toBe('clicks');
  expect(clicksTopics([])).toEqual(['clicks']);
  expect(clicksTopics(['eu', 'us-west-2'])).toEqual(['clicks', 'clicks.eu', 'clicks.us-west-2']);
});

test.each(['eu', 'us-west-2', '7', 'a'.repeat(30)])('%s is a region, and no other topic has its name', (name) => {
  expect(isRegion(name)).toBe(true);
  expect(Object.values(TOPICS)).not.toContain(clicksTopic(name));
  expect(topicOf(topicPartition(clicksTopic(name), 12))).toBe(clicksTopic(name));
});

test.each(['', 'EU', 'eu.west', 'eu_west', '-eu', 'eu-', 'e--u', 'ü', 'eu west', 'a'.repeat(31)])(
  '"%s" is not a region',
  (name) => expect(isRegion(name)).toBe(false),
);
