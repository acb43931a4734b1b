import type { Survived } from '../../prove/disasters/run.ts';
import { VERDICTS } from '../../prove/disasters/verdict.ts';
import { table } from './table.ts';

/** One row for each; what is wrong after one stands below. */
export function disastersText(survived: readonly Survived[]): string {
  const rows = survived.map(({ what, noticed_seconds, command, verdict, skipped }) => [
    what,
    noticed_seconds === null ? '-' : `${noticed_seconds} s`,
    skipped === null && verdict !== null ? VERDICTS[verdict] : `skipped: ${skipped}`,
    command ?? '-',
  ]);
  const wrong = survived.flatMap(({ what, wrong }) => (wrong === null ? [] : [`wrong after ${what}: ${wrong}`]));
  return [table(['disaster', 'said after', 'numbers', 'command'], rows), ...wrong].join('\n');
}
