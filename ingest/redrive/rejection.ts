import { z } from 'zod';
import type { Annotations } from '../../domain/click/annotations.ts';
import type { Click, RejectReason } from '../../domain/click/click.ts';
import { decodeEvent, kindOfMessage } from '../../domain/click/message.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import type { RejectedMessage } from '../../infra/rejected/files.ts';
import { placeId } from '../batch.ts';
import { parseBytes } from '../lines.ts';

/** The rejected line as the log monitor stores it (see batch.ts). */
const line = z
  .object({
    reason: z.string(),
    line: z.string().optional(),
    line_base64: z.string().optional(),
    line_bytes: z.number().optional(),
    host: z.string(),
    file: z.string(),
    generation: z.string(),
    offset: z.number(),
    seen_at: z.iso.datetime(),
  })
  .refine((value) => (value.line === undefined) !== (value.line_base64 === undefined));

/** The rejected message as the sink stores it. */
const message = z.object({
  reason: z.string(),
  topic_partition: z.string(),
  topic_offset: z.number(),
  message_base64: z.string().nullable(),
});

type Kept =
  | { kind: 'line'; bytes: Buffer; id: string; isWhole: boolean }
  | { kind: 'message'; bytes: Buffer | null }
  | { kind: 'unreadable'; bytes: Buffer | null };

export interface Rejection {
  /** Its position, the same however often it was rejected. */
  key: string;
  reason: string;
  /** Human-readable position. */
  place: string;
  atMs: number;
  kept: Kept;
}

/**
 * Reads a message of the rejected topic. Anyone may write to a topic: an unreadable message is kept as a rejection,
 * too.
 */
export function readRejection(
  topic: string,
  partition: number,
  { key, value, timeMs, offset }: RejectedMessage,
): Rejection {
  const here = `${topic}-${partition}-${offset}`;
  const common = { key: key === null ? here : key.toString(), atMs: timeMs };
  const json = parseJson(value);
  const asLine = line.safeParse(json);
  if (asLine.success) {
    const { reason, host, generation, offset: at, file, seen_at, line_bytes, ...kept } = asLine.data;
    const bytes = kept.line === undefined ? Buffer.from(kept.line_base64 ?? '', 'base64') : Buffer.from(kept.line);
    const id = placeId(host, generation, at);
    return {
      ...common,
      reason,
      atMs: Date.parse(seen_at),
      place: `${host} ${file} byte ${at}`,
      kept: { kind: 'line', bytes, id, isWhole: line_bytes === undefined },
    };
  }
  const asMessage = message.safeParse(json);
  if (asMessage.success) {
    const { reason, topic_partition, topic_offset, message_base64 } = asMessage.data;
    const bytes = message_base64 === null ? null : Buffer.from(message_base64, 'base64');
    return { ...common, reason, place: `${topic_partition} offset ${topic_offset}`, kept: { kind: 'message', bytes } };
  }
  return { ...common, reason: 'bad_message', place: here, kept: { kind: 'unreadable', bytes: value } };
}

type Judged =
  | { ok: true; event: EventKind; click: Click; annotations: Annotations }
  | { ok: false; reason: RejectReason };

/**
 * Judges it by the current rules, under the id that it would have had. A message says itself of which kind it is: one that
 * lay in the topic of another kind belongs into its own.
 */
export function judge({ kept }: Rejection, nowMs: number): Judged {
  switch (kept.kind) {
    case 'line':
      // An oversized line was stored truncated.
      return kept.isWhole ? judgeLine(kept.bytes, kept.id, nowMs) : { ok: false, reason: 'line_too_long' };
    case 'message':
      return judgeMessage(kept.bytes, nowMs);
    case 'unreadable':
      return { ok: false, reason: 'bad_message' };
  }
}

function judgeLine(bytes: Buffer, id: string, nowMs: number): Judged {
  const parsed = parseBytes(bytes, id, nowMs);
  if (!parsed.ok) return { ok: false, reason: parsed.reason };
  return { ok: true, event: parsed.kind, click: parsed.click, annotations: parsed.annotations };
}

function judgeMessage(bytes: Buffer | null, nowMs: number): Judged {
  const event = kindOfMessage(bytes) ?? 'click';
  const decoded = decodeEvent(bytes, event, nowMs);
  return decoded.ok ? { ok: true, event, click: decoded.click, annotations: decoded.annotations } : decoded;
}

function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}
