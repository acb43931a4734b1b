import type { Held, Replay } from '../../batch/replay/record.ts';
import { table } from './table.ts';

/** One line, and for a staged replay what it changed. */
export function replayText({
  replay,
  from,
  to,
  state,
  requested_by,
  reason,
  inputs,
  before,
  after,
  note,
}: Replay): string {
  const head = `replay ${replay} of ${from} to ${to} (exclusive) ${state}, by ${requested_by}: ${reason}\n`;
  if (before === null || after === null) return note === '' ? head : `${head}  ${note}\n`;
  const { files, sha256 } = JSON.parse(inputs) as { files: number; sha256: string };
  const names = Object.keys(after) as (keyof Held)[];
  const changes = names.map((name) => [name.replaceAll('_', ' '), before[name], after[name]]);
  return `${head}${table(['', 'before', 'after'], changes)}  from ${files} archived files, ${sha256.slice(0, 12)}…\n`;
}
