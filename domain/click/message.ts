import { EVENT_KINDS, type EventKind } from '../event_kinds.ts';
import { type Annotations, NO_ANNOTATIONS } from './annotations.ts';
import { readAnnotations } from './annotations_wire.ts';
import { type Click, faultOf, MAX_FIELD_BYTES, type RejectReason } from './click.ts';
import { readInt64, WIRE_VERSIONS } from './wire.ts';

/** `identityEnd`: where the identity ends in the value. */
type Decoded =
  | { ok: true; click: Click; annotations: Annotations; identityEnd: number }
  | { ok: false; reason: RejectReason };

const BAD: Decoded = { ok: false, reason: 'bad_message' };
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const kindOf = (version: number | undefined): EventKind | null =>
  EVENT_KINDS.find((kind) => WIRE_VERSIONS[kind].plain === version || WIRE_VERSIONS[kind].annotated === version) ??
  null;

/** The kind that the value of a message says; null: it is no message of ours. */
export const kindOfMessage = (value: Buffer | null): EventKind | null => kindOf(value?.[0]);

/**
 * Anyone may write to a topic, so a message is validated like a log line.
 * @param expected the kind of events on the topic
 * @param arrivedMs the broker's append time: "more than a day in the future" is judged by it, so the result is the same
 *   on every read
 */
export function decodeEvent(value: Buffer | null, expected: EventKind, arrivedMs: number): Decoded {
  const kind = kindOfMessage(value);
  if (value === null || kind === null) return BAD;
  if (kind !== expected) return { ok: false, reason: 'wrong_event' };
  // Decoded once: a native call for each field would take longer than all the checks.
  const latin1 = value.toString('latin1');
  let at = 1;
  const text = (): string | null => {
    const length = value[at];
    if (length === undefined || length > MAX_FIELD_BYTES || at + 1 + length > value.length) return null;
    const start = at + 1;
    at = start + length;
    return readUtf8(value, latin1, start, at);
  };
  const event_id = text();
  const ad_id = text();
  if (event_id === null || ad_id === null || at + 8 > value.length) return BAD;
  const click_timestamp = readInt64(value, at);
  at += 8;
  const user_id = text();
  const ip = text();
  const country = text();
  if (user_id === null || ip === null || country === null) return BAD;
  const identityEnd = at;
  const isAnnotated = value[0] === WIRE_VERSIONS[kind].annotated;
  const annotations = isAnnotated ? readAnnotations(value, at) : NO_ANNOTATIONS;
  if (annotations === null || (!isAnnotated && at !== value.length)) return BAD;
  const click = { event_id, ad_id, click_timestamp, user_id, ip, country };
  const reason = faultOf(click, arrivedMs);
  return reason === null ? { ok: true, click, annotations, identityEnd } : { ok: false, reason };
}

function readUtf8(value: Buffer, latin1: string, start: number, end: number): string | null {
  for (let i = start; i < end; i++) {
    if ((value[i] as number) > 127) {
      try {
        return utf8.decode(value.subarray(start, end));
      } catch {
        return null;
      }
    }
  }
  return latin1.substring(start, end);
}
