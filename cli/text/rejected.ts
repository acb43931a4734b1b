import { isUtf8 } from 'node:buffer';
import { iso } from '../../domain/time.ts';
import type { RedriveResult } from '../../ingest/redrive/redrive.ts';
import type { Rejection } from '../../ingest/redrive/rejection.ts';
import type { ReasonCount } from '../../ingest/redrive/survey.ts';
import { cut, textOf } from '../../ingest/redrive/text.ts';
import { table } from './table.ts';

/** Each reason with an example on the next line. */
export function reasonsText(reasons: ReasonCount[], width: number): string {
  if (reasons.length === 0) return 'nothing rejected\n';
  const lines = table(
    ['reason', 'count', 're-driven', 'first', 'last'],
    reasons.map(({ reason, count, redriven, first_at, last_at }) => [reason, count, redriven, first_at, last_at]),
  ).split('\n');
  return lines.flatMap((line, n) => [line, ...exampleBelow(reasons[n - 1], width)]).join('\n');
}

const exampleBelow = (reason: ReasonCount | undefined, width: number): string[] =>
  reason ? [cut(`    ${reason.example}`, width)] : [];

/** A rejection in a JSON document. */
export const entry = (rejection: Rejection) => {
  const { key, reason, place, atMs, kept } = rejection;
  return { rejection: key, reason, at: iso(atMs), place, ...bytesOf(kept) };
};

function bytesOf({ kind, bytes }: Rejection['kept']) {
  if (kind !== 'line') return { message_base64: bytes?.toString('base64') ?? null };
  return isUtf8(bytes) ? { line: bytes.toString() } : { line_base64: bytes.toString('base64') };
}

export function entryText({ rejection, redriven }: { rejection: Rejection; redriven: boolean }): string {
  const { reason, place, atMs } = rejection;
  return `${iso(atMs)}  ${reason}  ${place}${redriven ? '  (re-driven)' : ''}\n  ${textOf(rejection)}\n`;
}

export function resultText(result: RedriveResult): string {
  const { sent, found_sent, settled_before, copies, annotations_left_out, not_run, still_rejected } = result;
  const facts = [`${sent} sent`];
  if (found_sent > 0) facts.push(`${found_sent} found sent by a re-drive that was killed`);
  if (copies > 0) facts.push(`${copies} copies of these`);
  if (annotations_left_out > 0) facts.push(`${annotations_left_out} annotations left out`);
  if (settled_before > 0) facts.push(`${settled_before} re-driven before`);
  if (not_run > 0) facts.push(`${not_run} of a kind that is not run`);
  for (const [reason, count] of Object.entries(still_rejected)) facts.push(`${count} still ${reason}`);
  return `${facts.join(', ')}\n`;
}
