import { expect, test } from 'vitest';
import { kindOfTopic, namedKinds, oneKind, runKind } from './event.ts';

const CLICKS = { eventKinds: ['click' as const] };
const TWO = { eventKinds: ['click' as const, 'impression' as const] };

test('a command is for the kind that is named, or for all that are run', () => {
  expect(namedKinds(TWO, undefined)).toEqual(['click', 'impression']);
  expect(namedKinds(TWO, 'impression')).toEqual(['impression']);
  expect(() => namedKinds(TWO, 'conversion')).toThrow('conversion is not run; EVENT_KINDS is click,impression');
});

test('what may not be done for several kinds at once wants one named', () => {
  expect(oneKind(CLICKS, undefined)).toBe('click');
  expect(oneKind(TWO, 'impression')).toBe('impression');
  expect(() => oneKind(TWO, undefined)).toThrow('click, impression are run');
});

test('what is read is of clicks unless another kind is named', () => {
  expect(runKind(TWO)).toBe('click');
  expect(() => runKind(CLICKS, 'impression')).toThrow('impression is not run');
});

test('a partition belongs to the kind of its topic', () => {
  const config = { ...TWO, regions: ['eu'] };
  expect(kindOfTopic(config, 'clicks')).toBe('click');
  expect(kindOfTopic(config, 'impressions.eu')).toBe('impression');
  expect(() => kindOfTopic(config, 'conversions')).toThrow(
    '--partition: conversions is none of clicks, clicks.eu, impressions, impressions.eu',
  );
});
