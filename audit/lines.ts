import type { Checkpoints, LineTotals } from '../ingest/checkpoint.ts';
import { type Conservation, Tally } from './rule.ts';

/** @param messages total of all click topics, including expired ones; read after the checkpoints */
export function lineRules({ records, retired }: Checkpoints, messages: number): Conservation[] {
  const lines = new Tally();
  let sent = retired.clicks;
  lines.add('files that are gone', retired.lines, accountedFor(retired));
  for (const record of records.values()) {
    lines.add(record.path, record.lines, accountedFor(record));
    sent += record.clicks;
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

/** Lines of other kinds of events, and those passed over because their kind is not run, are no clicks and not rejected. */
const accountedFor = ({ clicks, impressions, conversions, rejected, skipped }: LineTotals): number =>
  clicks + impressions + conversions + rejected + skipped;
