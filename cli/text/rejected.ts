import type { ReasonCount, RejectedEntry } from '../../domain/rejected.ts';
import type { RedriveResult } from '../../domain/run_request.ts';
import { cut, visible } from '../../ingest/redrive/text.ts';
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

export function entryText(entry: RejectedEntry): string {
  const { reason, place, at, redriven } = entry;
  return `${at}  ${reason}  ${place}${redriven ? '  (re-driven)' : ''}\n  ${keptText(entry)}\n`;
}

const keptText = ({ line, line_base64, message_base64 }: RejectedEntry): string => {
  if (message_base64 === null) return '(empty)';
  if (message_base64 !== undefined) return `base64 ${message_base64}`;
  return visible(line ?? Buffer.from(line_base64 ?? '', 'base64').toString());
};

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
