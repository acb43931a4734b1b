import type { EventKind } from '../event_kinds.ts';
import { parseLogTime } from '../time.ts';
import { AnnotationList, NO_ANNOTATIONS } from './annotations.ts';
import { type Parsed, parsedEvent, rejected } from './click.ts';

const PREFIX = /^\[Ad([A-Za-z]+)Event\]/;
const KINDS = new Map<string | undefined, EventKind>([
  ['Click', 'click'],
  ['Impression', 'impression'],
  ['Conversion', 'conversion'],
]);

const NOTHING = { kept: NO_ANNOTATIONS, leftOut: 0 };

const LEAST_FIELDS = 5;
const FIELDS = 6;

/**
 * Parses `[AdClickEvent] ad, time, user, address, country, event id, name="value", …`. The event id may be empty, or
 * absent with all that follows. Whatever stands behind it is an annotation, or a malformed one that is left out.
 */
export function parseTextLine(line: string, placeId: string, nowMs: number): Parsed {
  const prefix = PREFIX.exec(line);
  if (prefix === null) return rejected('not_a_click');
  const kind = KINDS.get(prefix[1]);
  if (kind === undefined) return rejected('unknown_event');
  const text = line.slice(prefix[0].length);
  const fields = text.split(',', FIELDS);
  if (fields.length < LEAST_FIELDS) return rejected('bad_field_count', kind);
  const behind = fields.join(',').length + 1;
  const annotations = behind <= text.length ? readAnnotations(text, behind) : NOTHING;
  const [ad_id, time, user_id, ip, country, event_id] = fields.map((field) => field.trim()) as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  const spelled = { ad_id, time: parseLogTime(time), user_id, ip, country, event_id: event_id ?? '' };
  return parsedEvent(kind, spelled, annotations, placeId, nowMs);
}

/** A backslash stands before nothing but a quote or a backslash. */
const ANNOTATION = /^\s*([a-z_]+)="([^"\\]*(?:\\["\\][^"\\]*)*)"\s*$/;

function readAnnotations(text: string, from: number): AnnotationList {
  const annotations = new AnnotationList();
  for (let at = from; at <= text.length; ) {
    const end = endOfItem(text, at);
    const [, name = '', value] = ANNOTATION.exec(text.slice(at, end)) ?? [];
    annotations.add(name, value === undefined ? null : value.replace(/\\(["\\])/g, '$1'));
    at = end + 1;
  }
  return annotations;
}

/** The first comma that is not within quotes, or the end of the text. */
function endOfItem(text: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) at++;
    else if (character === ',' && !isQuoted) return at;
  }
  return text.length;
}
