import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from './ad_minutes.ts';
import {
  type Announced,
  announcementVersion,
  MESSAGE_VERSION,
  NewerVersionError,
  replaces,
  versionFor,
} from './message_version.ts';
import { ParseError } from './parse.ts';
import { decodeTops, encodeTops } from './tops.ts';

const CLOSED = { kind: 'closed-to' as const, boundaryMs: 60_000, watermarkMs: 61_000 };
const TOPS = { ...CLOSED, kind: 'tops-to' as const };
const bytes = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));

test('a message is read in every version up to this one', () => {
  for (const v of [{}, { v: 1 }, { v: MESSAGE_VERSION, version: 2 ** 32 + 1 }]) {
    expect(decodeMessage(Buffer.from(encodeMessage({ ...CLOSED, ...v })))).toEqual({ ...CLOSED, ...v });
    expect(decodeTops(Buffer.from(encodeTops({ ...TOPS, ...v })))).toEqual({ ...TOPS, ...v });
  }
});

test.each([{ ...CLOSED, v: MESSAGE_VERSION + 1 }, { kind: 'weeks', v: MESSAGE_VERSION + 1, of: [] }, { v: 99 }])(
  '%j is of a later release, and no fault of the message',
  (message) => {
    for (const decode of [decodeMessage, decodeTops]) {
      expect(() => decode(bytes(message))).toThrow(NewerVersionError);
      expect(() => decode(bytes(message))).toThrow(`reads versions up to ${MESSAGE_VERSION}: upgrade this role`);
    }
  },
);

test.each([{ ...CLOSED, v: 0 }, { ...CLOSED, v: '3' }, { ...CLOSED, v: 1.5 }, { ...CLOSED, weeks: 1 }, null])(
  '%j is no message of any release',
  (message) => expect(() => decodeMessage(bytes(message))).toThrow(ParseError),
);

test.each<[string, number[], number]>([
  ['nobody is known to read', [], 1],
  ['a release that says nothing is among the readers', [MESSAGE_VERSION, 1], 1],
  ['all read this version', [MESSAGE_VERSION, MESSAGE_VERSION], MESSAGE_VERSION],
  ['all read later ones too', [MESSAGE_VERSION + 1], MESSAGE_VERSION],
])('the version that is written when %s', (_, readers, version) => expect(versionFor(readers)).toBe(version));

/** Ordered by start of a publisher, then by announcement. */
const number = fc.tuple(fc.integer({ min: 1, max: 2 ** 20 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
test('a later announcement has a higher version, and every later start higher ones', () => {
  fc.assert(
    fc.property(number, number, ([epochA, a], [epochB, b]) => {
      const isLater = epochA === epochB ? a > b : epochA > epochB;
      expect(announcementVersion(epochA, a) > announcementVersion(epochB, b)).toBe(isLater);
    }),
  );
  expect(() => announcementVersion(2 ** 21, 0)).toThrow('no version');
  expect(() => announcementVersion(1, 2 ** 32)).toThrow('no version');
});

const [EARLY, LATE] = [1_700_000_000_000, 1_900_000_000_000];
test.each<[string, Announced, Announced, boolean]>([
  [
    'a higher version, whatever the clocks',
    { version: 8, watermarkMs: EARLY },
    { version: 7, watermarkMs: LATE },
    true,
  ],
  ['the same once more', { version: 7, watermarkMs: EARLY }, { version: 7, watermarkMs: EARLY }, true],
  ['a lower version', { version: 6, watermarkMs: LATE }, { version: 7, watermarkMs: EARLY }, false],
  ['one with a version after one without', { version: 7, watermarkMs: EARLY }, { watermarkMs: LATE }, true],
  ['one without a version after one with', { watermarkMs: LATE }, { version: 7, watermarkMs: EARLY }, false],
  ['without versions, a later watermark', { watermarkMs: LATE }, { watermarkMs: EARLY }, true],
  ['without versions, an earlier watermark', { watermarkMs: EARLY }, { watermarkMs: LATE }, false],
])('%s', (_, next, last, expected) => expect(replaces(next, last)).toBe(expected));
