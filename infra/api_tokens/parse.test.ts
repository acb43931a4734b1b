import { describe, expect, test } from 'vitest';
import { parseTokens } from './parse.ts';

const [HASH, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const EXPIRES = '2027-01-31T00:00:00Z';
const expiresMs = Date.UTC(2027, 0, 31);

describe('tokens are read', () => {
  test.each([
    ['one of each role', `ops:admin:${HASH},ui:reader:${OTHER}`, [{}, {}]],
    [
      'with an expiry',
      `ops:admin:${HASH}@${EXPIRES},ui:reader:${OTHER}@2027-01-31T00:00Z`,
      [{ expiresMs }, { expiresMs }],
    ],
    [
      'of an advertiser, whose prefixes may hold a colon',
      `shop:advertiser:${HASH}@${EXPIRES}:shoes-|hats:2@x`,
      [{ role: 'advertiser', expiresMs, adPrefixes: ['shoes-', 'hats:2@x'] }],
    ],
    [
      'over several lines, as a file may have them',
      `ops:admin:${HASH},\n  ui:reader:${OTHER}\n`,
      [{ name: 'ops' }, { name: 'ui' }],
    ],
  ])('%s', (_, text, expected) => expect(parseTokens(text)).toMatchObject(expected));
});

describe('tokens are refused without a word of their hashes', () => {
  test.each([
    ['nothing', '', 'malformed'],
    ['no hash', 'ops:admin', 'malformed'],
    ['a comma too many', `ops:admin:${HASH},`, 'malformed'],
    ['another role', `ops:owner:${HASH}`, 'malformed'],
    ['a day that there is not', `ops:admin:${HASH}@2027-02-30T00:00:00Z`, 'malformed'],
    ['an expiry in no zone', `ops:admin:${HASH}@2027-02-03T00:00:00`, 'malformed'],
    ['an expiry without a time', `ops:admin:${HASH}@2027-02-03`, 'malformed'],
    ['an advertiser without prefixes', `shop:advertiser:${HASH}@${EXPIRES}`, 'malformed'],
    ['one name twice', `ops:admin:${HASH},ops:reader:${OTHER}`, 'names ops twice'],
    ['one hash twice', `ops:admin:${HASH},ui:reader:${HASH}`, 'one hash for ops and ui'],
  ])('%s', (_, text, expected) => {
    const refusal = parseTokens(text);
    expect(refusal).toEqual(expect.stringContaining(expected));
    expect(refusal).not.toMatch(/a{8}|b{8}|\n/);
  });
});
