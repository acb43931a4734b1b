import { describe, expect, it } from 'vitest';
import { parseHiveUrl } from './hive.ts';

describe('parseHiveUrl', () => {
  it.each([
    ['h:10000', { host: 'h', port: 10_000, username: 'clickledger', password: 'none' }],
    ['hive://h:10000', { host: 'h', port: 10_000, username: 'clickledger', password: 'none' }],
    ['hive2://me@h:1', { host: 'h', port: 1, username: 'me', password: 'none' }],
    ['me:se:cret@h:1', { host: 'h', port: 1, username: 'me', password: 'se:cret' }],
  ])('%s', (url, address) => expect(parseHiveUrl(url)).toEqual(address));

  it.each(['', 'h', 'http://h:1', 'h:port', 'a b@h:1'])('refuses "%s"', (url) => {
    expect(() => parseHiveUrl(url)).toThrow(/no address of Hive/);
  });
});
