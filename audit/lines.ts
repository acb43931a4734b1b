import type { Checkpoints } from '../ingest/checkpoint.ts';
import { type Rule, Tally } from './rule.ts';

/** @param messages total of all click topics, including expired ones; read after the checkpoints */
export function lineRules(event: EventKind, { records, retired }: Checkpoints, messages: number): Rule[] {
  const lines = new Tally();
  let sent = retired.clicks;
  lines.add('files that are gone', retired.lines, retired.clicks + retired.rejected);
  for (const { path, lines: read, clicks, rejected } of records.values()) {
    lines.add(path, read, clicks + rejected);
    sent += clicks;
  }
  return [
    lines.rule(
      'log lines read = clicks sent + lines rejected',
      'a checkpoint of the log monitor was changed by anything but the log monitor: restore DATA_DIR/ingest from a backup; the counts in the stores do not come from it',
    ),
    new Tally((left, right) => left <= right)
      .add('all log files', sent, messages)
      .rule(
        'clicks sent ≤ messages in the topic',
        'Kafka has lost messages it had acknowledged, or the topic was recreated: clicks are missing everywhere, and only the log files still have them',
      ),
  ];
}
