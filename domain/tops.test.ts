import { expect, test } from 'vitest';
import { decodeTops, encodeTops, type TopsMessage } from './tops.ts';

const MESSAGES: TopsMessage[] = [
  { kind: 'top', endMs: 60_000, window: 5, version: 3, ads: [['ad', 2]] },
  { kind: 'changed', endsMs: [60_000], version: 3 },
  { kind: 'tops-to', boundaryMs: 60_000, watermarkMs: 61_000 },
];

test.each(MESSAGES)('%j is read as it was written', (message) => {
  expect(decodeTops(Buffer.from(encodeTops(message)))).toEqual(message);
});

test.each<[string, unknown, string]>([
  ['a kind that nobody knows', { kind: 'bottom' }, 'kind: '],
  ['an entry without clicks', { ...MESSAGES[0], ads: [['ad', 2], ['other']] }, 'ads.1: expected [adId, clicks]'],
  ['clicks that are a text', { ...MESSAGES[0], ads: [['ad', '2']] }, 'ads.0: '],
  ['ads that are no list', { ...MESSAGES[0], ads: null }, 'ads: expected a list of ads'],
  ['a top without a version', { ...MESSAGES[0], version: undefined }, 'version: '],
  ['a field that it does not know', { ...MESSAGES[2], filter: 7 }, '"filter"'],
])('%s is refused', (_, message, expected) => {
  const decode = () => decodeTops(Buffer.from(JSON.stringify(message)));
  expect(decode).toThrow(/^not a message of ad-tops: /);
  expect(decode).toThrow(expected);
});
