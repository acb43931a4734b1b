import { EVENT_KINDS, type EventKind } from '../event_kinds.ts';
import { parseLogTime } from '../time.ts';
import { AnnotationList, isAnnotation } from './annotations.ts';
import { type Parsed, parsedEvent, rejected } from './click.ts';
import { type JsonFields, jsonFields } from './json_fields.ts';
import { hasLoneSurrogate } from './text.ts';

const FIELDS = new Set(['event', 'ad_id', 'time', 'user_id', 'ip', 'country', 'id']);

/** Smaller numbers are seconds, as nginx writes them, or older than any event. */
const LEAST_EPOCH_MS = 1e11;

/**
 * Parses `{"event": "click", "ad_id": …, "time": …, "user_id": …, "ip": …, "country": …, "id": …, …annotations}`.
 * First its form is judged, then what kind of event it is, then its fields as in text lines: one that is missing or of
 * another type is a bad one, except for the id.
 */
export function parseJsonLine(line: string, placeId: string, nowMs: number): Parsed {
  const fields = jsonFields(line);
  if (typeof fields === 'string') return rejected(fields);
  const { event, ad_id, time, user_id, ip, country, id } = fields.values;
  const kind = kindOf(textOf(event));
  if (kind === null) return rejected('unknown_event');
  const annotations = new AnnotationList();
  for (const [name, value] of Object.entries(fields.values)) {
    if (isAnnotation(name)) annotations.add(name, annotationOf(name, value, fields));
    else if (!FIELDS.has(name)) return rejected('unknown_field', kind);
  }
  const spelled = {
    time: timeOf(time),
    ad_id: textOf(ad_id),
    user_id: textOf(user_id),
    ip: textOf(ip),
    country: textOf(country),
    event_id: id === undefined || id === null ? '' : textOf(id),
  };
  return parsedEvent(kind, spelled, annotations, placeId, nowMs);
}

const kindOf = (name: string): EventKind | null => EVENT_KINDS.find((kind) => kind === name) ?? null;

/** Valid in no field. */
const NO_TEXT = '\0';

/** A text that UTF-8 can hold. */
const isText = (value: unknown): value is string => typeof value === 'string' && !hasLoneSurrogate(value);

const textOf = (value: unknown): string => (isText(value) ? value.trim() : NO_TEXT);

function timeOf(value: unknown): number | null {
  if (typeof value !== 'number') return parseLogTime(textOf(value));
  return Number.isInteger(value) && value >= LEAST_EPOCH_MS ? value : null;
}

/** A number is kept as it is written: `1.50` of a currency is not `1.5`. Null: it is to be left out. */
function annotationOf(name: string, value: unknown, { spelled }: JsonFields): string | null {
  if (name === 'value' && typeof value === 'number') return spelled.get(name) ?? null;
  return isText(value) ? value : null;
}
