import fc from 'fast-check';
import { canonicalIp } from '../address/canonical.ts';
import { EVENT_KINDS, type EventKind } from '../event_kinds.ts';
import { ANNOTATIONS } from './annotations.ts';
import type { LineBytes } from './click_bytes.ts';
import { parseLine } from './line.ts';
import { encodeEvent, encodeLineBytes, MAX_VALUE_BYTES } from './wire.ts';

// For tests: lines that the fast path takes, and what it makes of a line.

export const NOW = Date.UTC(2026, 1, 28, 12);

/** The fields of a line, as it spells them. `id`: '' is none. */
interface LineSample {
  kind: EventKind;
  fields: [ad: string, time: string, user: string, ip: string, country: string];
  id: string;
  annotations: [name: string, value: string][];
}

const ends = '!#-+\\--[\\]-~';
const token = fc.stringMatching(new RegExp(`^[${ends}]([ ${ends}]{0,20}[${ends}])?$`));
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
const annotation = fc.tuple(fc.constantFrom<string>(...ANNOTATIONS), fc.stringMatching(/^[ !#-[\]-~]{0,60}$/));
const noAnnotations = fc.constant<[string, string][]>([]);

export const lineSample: fc.Arbitrary<LineSample> = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  fields: fc.tuple(token, time, token, fc.oneof(fc.ipV4(), ipV6), fc.stringMatching(/^[A-Z]{2,3}$/)),
  id: fc.oneof(fc.constant(''), token),
  annotations: fc.oneof(noAnnotations, fc.uniqueArray(annotation, { selector: ([name]) => name })),
});

const MOST_SPACES = 2 * (6 + ANNOTATIONS.length);
export const someSpaces = fc.array(fc.constantFrom('', ' ', '  '), { minLength: MOST_SPACES, maxLength: MOST_SPACES });

const PREFIX = { click: '[AdClickEvent]', impression: '[AdImpressionEvent]', conversion: '[AdConversionEvent]' };

export function textLineOf({ kind, fields, id, annotations }: LineSample, spaces: string[]): string {
  const annotated = annotations.map(([name, value]) => `${name}="${value}"`);
  const all = id === '' && annotations.length === 0 ? fields : [...fields, id, ...annotated];
  return `${PREFIX[kind]}${all.map((field, n) => `${spaces[2 * n]}${field}${spaces[2 * n + 1]}`).join(',')}`;
}

const FIELDS = ['ad_id', 'time', 'user_id', 'ip', 'country', 'id'];

export function jsonLineOf({ kind, fields, id, annotations }: LineSample, spaces: string[]): string {
  const named = [...fields, id].map((value, n) => [FIELDS[n], value]);
  const all = [['event', kind], ...named, ...annotations].map(([name, value]) => `"${name}":"${value}"`);
  return `{${all.map((field, n) => `${spaces[n]}${field.replace(':', `${spaces[n]}:${spaces[n + 1]}`)}${spaces[n + 1]}`).join(',')}}`;
}

const PLACE = Buffer.from('here');

/** Reads the line in the middle of a larger buffer: its encoded value, or null if it needs the slow path. */
export function valueOnFastPath(
  parser: LineBytes & { read(bytes: Uint8Array, start: number, nowMs: number): number },
  line: string,
): Buffer | null {
  const before = '[AdClickEvent] of another line\n';
  const bytes = Buffer.from(`${before}${line}\n[AdClickEvent] and so on`, 'latin1');
  const next = parser.read(bytes, before.length, NOW);
  if (next < 0) return null;
  if (next !== before.length + line.length + 1) throw new Error(`the next line begins at ${next}`);
  const out = Buffer.alloc(MAX_VALUE_BYTES);
  const hasId = parser.event_id.end > parser.event_id.start;
  const [from, id] = hasId ? [bytes, parser.event_id] : [PLACE, { start: 0, end: PLACE.length }];
  return Buffer.from(out.subarray(0, encodeLineBytes(out, bytes, parser, true, from, id)));
}

/** What the slow path makes of a line. Null: it is rejected, or something of it is left out. */
export function valueOnSlowPath(line: string): Buffer | null {
  const parsed = parseLine(line, PLACE.toString(), NOW);
  return parsed.ok && parsed.leftOut === 0 ? encodeEvent(parsed.kind, parsed.click, parsed.annotations) : null;
}
