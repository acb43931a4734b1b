import { PLURAL } from '../../domain/event_kinds.ts';
import type { Copy, Trace } from '../../serving/api/trace/trace.ts';
import { table } from './table.ts';

const WHY: Record<string, string> = {
  copy_in_window: 'a copy within DEDUPE_WINDOW of the first',
  copy_in_run: 'a copy; the run counts the first',
  late: 'arrived after the cut of the run; the next one counts it',
};

/** Human-readable output. */
export function traceText(found: Trace): string {
  const { event_id, event, line, archive, others, copies } = found;
  const what = event === null ? '' : `, of ${PLURAL[event]}`;
  const facts = [
    `${event_id}${what}: ${others + 1} stored${others >= copies.length ? `, the first ${copies.length} of them` : ''}\n`,
    table(
      ['arrived', 'ad', 'time', 'stored', 'message', 'counted', 'runs'],
      copies.map((copy) => [
        copy.arrived_at,
        copy.ad_id ?? '-',
        copy.time ?? '-',
        copy.stored,
        placeText(copy),
        countedText(copy),
        copy.runs.map(({ date, run }) => `${date} run ${run}`).join(', ') || '-',
      ]),
    ),
  ];
  if (line !== null)
    facts.push(`line: byte ${line.byte} of ${line.file ?? 'a file not followed here'} on ${line.host}\n`);
  if (archive !== null) facts.push(`archive: ${archive.file} (sha256 ${archive.sha256})\n`);
  return facts.join('');
}

const placeText = ({ message }: Copy): string =>
  message === null ? '-' : `${message.topic}-${message.partition} offset ${message.offset}`;

const countedText = ({ counted, reason }: Copy): string =>
  counted ? 'yes' : `no${reason === null ? '' : `: ${WHY[reason] ?? reason}`}`;
