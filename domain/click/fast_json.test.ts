import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FastJsonParser } from './fast_json.ts';
import { FastLineParser } from './fast_line.ts';
import {
  jsonLineOf,
  lineSample,
  NOW,
  someSpaces,
  textLineOf,
  valueOnFastPath,
  valueOnSlowPath,
} from './line_samples.ts';

const fastParser = new FastJsonParser();
const fastValueOf = (line: string): Buffer | null => valueOnFastPath(fastParser, line);
const jsonLine = fc.tuple(lineSample, someSpaces).map(([sample, spaces]) => jsonLineOf(sample, spaces));

test('an event has the same bytes as text and as JSON, on the fast path and the slow one', () => {
  const textParser = new FastLineParser();
  fc.assert(
    fc.property(lineSample, someSpaces, (sample, spaces) => {
      const [text, json] = [textLineOf(sample, spaces), jsonLineOf(sample, spaces)];
      const value = fastValueOf(json);
      expect(value).not.toBeNull();
      expect(value).toEqual(valueOnSlowPath(json));
      expect(value).toEqual(valueOnFastPath(textParser, text));
      expect(value).toEqual(valueOnSlowPath(text));
    }),
    { numRuns: 2_000 },
  );
});

test('whatever is changed in a line, the result is never different from parsing', () => {
  const piece = fc.oneof(
    fc.constantFrom('', ',', ' ', '\t', '\r', '\0', '\x7f', 'é', '0', '9', '.', ':', '-', 'a', '"', '\\', '{', '}'),
    fc.constantFrom('"event":"click",', '"id":null,', '"id":"",', '"ua":"x",', '"ua":"x","ua":"y",', '"colour":"x",'),
    fc.constantFrom('"value":1.50,', '"value":-0,', '"value":01,', '"value":1.,', '"value":1e3,', '"value":.5,'),
    fc.constantFrom('"ua":1,', '"ua":null,', '"ua":["x"],', '"\\u0069d":"x",', ' '.repeat(1_200), 'x'.repeat(128)),
  );
  fc.assert(
    fc.property(jsonLine, fc.nat(160), fc.nat(3), piece, fc.boolean(), (line, at, dropped, put, atBeginning) => {
      const changed = atBeginning ? `{${put}${line.slice(1)}` : line.slice(0, at) + put + line.slice(at + dropped);
      const value = fastValueOf(changed);
      if (value !== null) expect(value).toEqual(valueOnSlowPath(changed));
    }),
    { numRuns: 5_000 },
  );
});

const REST = '"event":"click","ad_id":"ad1","user_id":"u","ip":"1.2.3.4","country":"USA"';

test('a time in milliseconds is read on both paths alike', () => {
  const time = fc.oneof(
    fc.integer({ min: Date.UTC(2000, 0, 1), max: NOW }).map(String),
    fc.constantFrom('99999999999', '100000000000', '0', '-1767225600123', '1767225600.123', '1767225600123.0'),
    fc.constantFrom('1.767225600123e12', '01767225600123', '9999999999999999', '1767225600123x', '"1767225600123"'),
  );
  fc.assert(
    fc.property(time, (time) => {
      const line = `{${REST},"time":${time}}`;
      const value = fastValueOf(line);
      if (value !== null) expect(value).toEqual(valueOnSlowPath(line));
      if (/^\d{12,13}$/.test(time) && Number(time) >= Date.UTC(2000, 0, 1)) expect(value).not.toBeNull();
    }),
  );
});

test.each([
  ['no time', `{${REST}}`],
  ['an escape', `{${REST},"time":1767225600123,"ua":"\\""}`],
  ['an unknown field', `{${REST},"time":1767225600123,"up":"x"}`],
  ['a field twice', `{${REST},"time":1767225600123,"ip":"1.2.3.4"}`],
  ['an annotation twice', `{${REST},"time":1767225600123,"ua":"a","ua":"b"}`],
  ['a comma too many', `{${REST},"time":1767225600123,}`],
  ['more behind it', `{${REST},"time":1767225600123} x`],
  ['another event', `{${REST.replace('click', 'view')},"time":1767225600123}`],
  ['another script', `{${REST.replace('"u"', '"é"')},"time":1767225600123}`],
])('a line with %s is left to the slow path', (_, line) => {
  expect(fastValueOf(line)).toBeNull();
});

test('a line without its end is left to the slow path', () => {
  const bytes = Buffer.from(`{${REST},"time":1767225600123,"value":1.50,"id":null}`);
  expect(fastParser.read(bytes, 0, NOW)).toBe(-1);
  expect(fastParser.read(Buffer.concat([bytes, Buffer.from('\n')]), 0, NOW)).toBe(bytes.length + 1);
});
