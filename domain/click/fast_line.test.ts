import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FastLineParser } from './fast_line.ts';
import { lineSample, NOW, someSpaces, textLineOf, valueOnFastPath, valueOnSlowPath } from './line_samples.ts';
import { partitionOf, partitionOfBytes } from './partition.ts';

const fastParser = new FastLineParser();
const fastValueOf = (line: string): Buffer | null => valueOnFastPath(fastParser, line);
const textLine = fc.tuple(lineSample, someSpaces).map(([sample, spaces]) => textLineOf(sample, spaces));

test('a line on the fast path gets the bytes that parsing and encoding give it', () => {
  fc.assert(
    fc.property(textLine, (line) => {
      const value = fastValueOf(line);
      expect(value).not.toBeNull();
      expect(value).toEqual(valueOnSlowPath(line));
    }),
    { numRuns: 2_000 },
  );
});

test('whatever is changed in a line, the result is never different from parsing', () => {
  const piece = fc.oneof(
    fc.constantFrom('', ',', ' ', '\t', '\r', '\0', '\x7f', 'é', '0', '9', '.', ':', '-', 'a', 'Z', '"', '\\', '='),
    fc.constantFrom(
      '2021-02-29',
      '2024-02-29 00:00:00',
      '1999-12-31 23:59:59',
      '2026-03-01 12:00:01',
      '24:00:00',
      '256',
    ),
    fc.constantFrom(' '.repeat(1_200), 'x'.repeat(127), 'x'.repeat(128), '::1', 'usa'),
    fc.constantFrom('[AdClickEvent]', '[AdConversionEvent]', ', ua="x"', ', ua="x", ua="y"', 'ua="', '", ua="'),
  );
  fc.assert(
    fc.property(textLine, fc.nat(160), fc.nat(3), piece, (line, at, dropped, put) => {
      const changed = line.slice(0, at) + put + line.slice(at + dropped);
      const value = fastValueOf(changed);
      if (value !== null) expect(value).toEqual(valueOnSlowPath(changed));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['no time', '[AdClickEvent] ad1, 2021-02-29 00:00:00, user 1, 1.2.3.4, USA'],
  ['a time in the future', '[AdClickEvent] ad1, 2026-03-01 12:00:00.001, user 1, 1.2.3.4, USA'],
  ['before 2000', '[AdClickEvent] ad1, 1999-12-31 23:59:59, user 1, 1.2.3.4, USA'],
  ['a long field', `[AdClickEvent] ad1, 2021-01-01 00:00:01, ${'u'.repeat(128)}, 1.2.3.4, USA`],
  ['an empty field', '[AdClickEvent] ad1, 2021-01-01 00:00:01,  , 1.2.3.4, USA'],
  ['too few fields', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4'],
  ['no address', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.400, USA'],
  ['no country', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, usa'],
  ['another zone', '[AdClickEvent] ad1, 2021-01-01T00:00:01+02:00, user 1, 1.2.3.4, USA'],
  ['another event', '[AdViewEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA'],
  ['half a prefix', '[AdImpressionEven] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA'],
  ['what is no annotation', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, id, more'],
  ['an unknown annotation', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, id, up="x"'],
  ['an escape', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, id, ua="\\\\"'],
  ['a name twice', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, id, ua="a", ua="b"'],
])('a line with %s is left to the slow path', (_, line) => {
  expect(fastValueOf(line)).toBeNull();
});

test('annotations that were too much for one line are not held against the next', () => {
  const line = (value: string) => `[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, , ua="${value}"`;
  const largest = line('x'.repeat(1_024));
  expect(fastValueOf(line('x'.repeat(1_025)))).toBeNull();
  expect(fastValueOf(largest)).not.toBeNull();
  expect(fastValueOf(largest)).toEqual(valueOnSlowPath(largest));
});

test('a line without its end is left to the slow path', () => {
  for (const behind of ['', ', , ua="x"']) {
    const bytes = Buffer.from(`[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA${behind}`);
    expect(fastParser.read(bytes, 0, NOW)).toBe(-1);
    expect(fastParser.read(Buffer.concat([bytes, Buffer.from('\n')]), 0, NOW)).toBe(bytes.length + 1);
  }
});

test('an id in bytes has the same partition as its text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 100 }), (before, id, partitions) => {
      const start = Buffer.byteLength(before);
      const bytes = Buffer.from(`${before}${id}${before}`);
      const field = { start, end: start + Buffer.byteLength(id) };
      expect(partitionOfBytes(bytes, field, partitions)).toBe(partitionOf(id, partitions));
    }),
  );
});
