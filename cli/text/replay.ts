import type { Held, Replay } from '../../batch/replay/record.ts';
import { inputTotals } from '../../batch/run/run_files.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { parsedJson } from '../../domain/parse.ts';
import { table } from './table.ts';

/** One line, and for a staged replay what it changed. */
export function replayText(done: Replay, event: EventKind = 'click'): string {
  const { replay, from, to, state, requested_by, reason, inputs, before, after, note } = done;
  const of = event === 'click' ? 'of' : `of ${PLURAL[event]} of`;
  const head = `replay ${replay} ${of} ${from} to ${to} (exclusive) ${state}, by ${requested_by}: ${reason}\n`;
  if (before === null || after === null) return note === '' ? head : `${head}  ${note}\n`;
  const { files, sha256 } = parsedJson(inputTotals, inputs, `ads.replays: inputs of replay ${replay}`);
  const names = Object.keys(after) as (keyof Held)[];
  const changes = names.map((name) => [name.replaceAll('_', ' '), before[name], after[name]]);
  return `${head}${table(['', 'before', 'after'], changes)}  from ${files} archived files, ${sha256.slice(0, 12)}…\n`;
}
