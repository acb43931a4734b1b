import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import { parseLine } from './click.ts';
import { FastLineParser } from './fast_line.ts';
import { partitionOf, partitionOfBytes } from './partition.ts';
import { encodeClick, encodeClickBytes, MAX_VALUE_BYTES } from './wire.ts';

const NOW = Date.UTC(2026, 1, 28, 12);
const fastParser = new FastLineParser();

/** Reads the line in the middle of a larger buffer: its encoded value, or null. */
function bytesOf(line: string): Buffer | null {
  const before = '[AdClickEvent] of another line\n';
  const bytes = Buffer.from(`${before}${line}\n[AdClickEvent] and so on`, 'latin1');
  const next = fastParser.read(bytes, before.length, NOW);
  if (next < 0) return null;
  expect(next).toBe(before.length + line.length + 1);
  const out = Buffer.alloc(MAX_VALUE_BYTES);
  const place = Buffer.from('here');
  const [from, field] =
    fastParser.event_id.end > fastParser.event_id.start
      ? [bytes, fastParser.event_id]
      : [place, { start: 0, end: place.length }];
  return Buffer.from(out.subarray(0, encodeClickBytes(out, bytes, fastParser, from, field)));
}

const parsedValueOf = (line: string): Buffer | null => {
  const parsed = parseLine(line, 'here', NOW);
  return parsed.ok ? encodeClick(parsed.click) : null;
};

const spaces = fc.constantFrom('', ' ', ' ', '  ');
const token = fc.stringMatching(/^[!-+\--~]([ -+\--~]{0,20}[!-+\--~])?$/);
const time = fc
  .tuple(fc.date({ min: new Date('2000-01-01'), max: new Date(NOW), noInvalidDate: true }), fc.boolean(), fc.nat(1))
  .map(([date, hasMs, zone]) => {
    const text = hasMs ? date.toISOString() : `${date.toISOString().slice(0, 19)}Z`;
    return zone === 1 ? text : text.replace('T', ' ').slice(0, -1);
  });
const ipV6 = fc
  .ipV6()
  .map(canonicalIp)
  .filter((address) => !address.startsWith('::'));
const fastPathFields = fc.tuple(token, time, token, fc.oneof(fc.ipV4(), ipV6), fc.stringMatching(/^[A-Z]{2,3}$/));
const fastPathLine = fc
  .tuple(fastPathFields, fc.option(token), fc.array(fc.tuple(spaces, spaces), { minLength: 6, maxLength: 6 }))
  .map(([fields, id, around]) => {
    const all = id === null ? fields : [...fields, id];
    return `[AdClickEvent]${all.map((field, n) => `${around[n]?.[0]}${field}${around[n]?.[1]}`).join(',')}`;
  });

test('a line on the fast path gets the bytes that parsing and encoding give it', () => {
  fc.assert(
    fc.property(fastPathLine, (line) => {
      const value = bytesOf(line);
      expect(value).not.toBeNull();
      expect(value?.equals(parsedValueOf(line) as Buffer)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('whatever is changed in a line, the result is never different from parsing', () => {
  const piece = fc.oneof(
    fc.constantFrom('', ',', ' ', '\t', '\r', '\0', '\x7f', 'é', '0', '9', '.', ':', '-', 'a', 'Z', '[AdClickEvent]'),
    fc.constantFrom(
      '2021-02-29',
      '2024-02-29 00:00:00',
      '1999-12-31 23:59:59',
      '2026-03-01 12:00:01',
      '24:00:00',
      '256',
    ),
    fc.constantFrom(' '.repeat(1_200), 'x'.repeat(127), 'x'.repeat(128), '::1', 'usa'),
  );
  fc.assert(
    fc.property(fastPathLine, fc.nat(90), fc.nat(3), piece, (line, at, dropped, put) => {
      const changed = line.slice(0, at) + put + line.slice(at + dropped);
      const value = bytesOf(changed);
      if (value !== null) expect(value.equals(parsedValueOf(changed) ?? Buffer.alloc(0))).toBe(true);
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
  ['too many fields', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA, id, more'],
  ['no address', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.400, USA'],
  ['no country', '[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, usa'],
  ['another zone', '[AdClickEvent] ad1, 2021-01-01T00:00:01+02:00, user 1, 1.2.3.4, USA'],
])('a line with %s is left to the slow path', (_, line) => {
  expect(bytesOf(line)).toBeNull();
});

test('a line without its end is left to the slow path', () => {
  const bytes = Buffer.from('[AdClickEvent] ad1, 2021-01-01 00:00:01, user 1, 1.2.3.4, USA');
  expect(fastParser.read(bytes, 0, NOW)).toBe(-1);
  expect(fastParser.read(Buffer.concat([bytes, Buffer.from('\n')]), 0, NOW)).toBe(bytes.length + 1);
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
