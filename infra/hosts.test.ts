import { expect, test } from 'vitest';
import { hostName, isOfForeignPage, originName } from './hosts.ts';

test.each([
  ['localhost', 'localhost'],
  ['LocalHost:8080', 'localhost'],
  ['127.0.0.1:9', '127.0.0.1'],
  ['[::1]:8080', '::1'],
  ['[::1]', '::1'],
  ['ads.example.com.:443', 'ads.example.com'],
  ['', null],
  [undefined, null],
  ['a b', null],
  ['localhost@evil.example', null],
  ['evil.example/localhost', null],
  ['localhost:8080:1', null],
  ['localhost, evil.example', null],
  ['::1', null],
])('the name in the Host %s is %s', (header, name) => {
  expect(hostName(header)).toBe(name);
});

test.each([
  ['http://localhost:3000', 'localhost'],
  ['https://ADS.example.com', 'ads.example.com'],
  ['http://[::1]:8080', '::1'],
  ['null', null],
  ['file://', null],
  ['chrome-extension://abc', null],
  ['http://localhost@evil.example', null],
])('the name in the Origin %s is %s', (origin, name) => {
  expect(originName(origin)).toBe(name);
});

test.each([
  [{ host: 'localhost:9' }, false],
  [{ host: '127.0.0.1:9', origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, false],
  [{ host: 'evil.example:9' }, true],
  [{}, true],
  [{ host: 'localhost:9', origin: 'http://evil.example' }, true],
  [{ host: 'localhost:9', origin: 'null' }, true],
  [{ host: 'localhost:9', 'sec-fetch-site': 'cross-site' }, true],
])('whether %j is from a foreign page: %s', (headers, expected) => {
  expect(isOfForeignPage(headers)).toBe(expected);
});
