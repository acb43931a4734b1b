import { expect, it } from 'vitest';
import { parseLocation, uriOf } from './location.ts';

it.each([
  ['/cold', '/cold', 'file:///cold'],
  ['/cold/clicks/', '/cold/clicks', 'file:///cold/clicks'],
  ['/cold/../warm//clicks', '/warm/clicks', 'file:///warm/clicks'],
  ['hdfs://names:8020/clicks/', 'hdfs://names:8020/clicks', 'hdfs://names:8020/clicks'],
  ['hdfs://cluster', 'hdfs://cluster', 'hdfs://cluster'],
  ['s3a://my-bucket/clicks/old', 's3a://my-bucket/clicks/old', 's3a://my-bucket/clicks/old'],
])('%s', (text, location, uri) => {
  expect(parseLocation(text)).toBe(location);
  expect(uriOf(location)).toBe(uri);
});

it.each([
  ['cold', /is not an absolute path/],
  ['./cold', /is not an absolute path/],
  ['/', /use letters, digits/],
  ["/cold'; DROP", /use letters, digits/],
  ['/cold storage', /use letters, digits/],
  ['hdfs:///clicks', /is no location/],
  ['hdfs://names/clicks/../other', /is no location/],
  ['s3://bucket/clicks', /is no location/],
  ['http://host/clicks', /is no location/],
  ["s3a://bucket/it's", /is no location/],
])('%s: %s', (text, why) => expect(() => parseLocation(text)).toThrow(why));
