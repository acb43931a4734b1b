import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import type { Checkpoints, LineTotals } from '../ingest/checkpoint.ts';
import { type Rule, Tally } from './rule.ts';

/** @param messages total of all topics of the kind, including expired ones; read after the checkpoints */
export function lineRules(event: EventKind, { records, retired }: Checkpoints, messages: number): Rule[] {
  const lines = new Tally();
  const sentOf = (totals: LineTotals): number => totals[PLURAL[event]];
  let sent = sentOf(retired);
  lines.add('files that are gone', retired.lines, accountedFor(retired));
  for (const record of records.values()) {
    lines.add(record.path, record.lines, accountedFor(record));
    sent += sentOf(record);
  }
  // The lines of all kinds stand in the same files.
  const ofFiles =
    event === 'click'
      ? [
          lines.rule(
            'log lines read = clicks sent + lines rejected',
            'a checkpoint of the log monitor was changed by anything but the log monitor: restore DATA_DIR/ingest from a backup; the counts in the stores do not come from it',
          ),
        ]
      : [];
  return [
    ...ofFiles,
    new Tally((left, right) => left <= right)
      .add('all log files', sent, messages)
      .rule(
        `${PLURAL[event]} sent ≤ messages in the topic`,
        `Kafka has lost messages it had acknowledged, or the topic was recreated: ${PLURAL[event]} are missing everywhere, and only the log files still have them`,
      ),
  ];
}

/** Lines of other kinds of events, and those passed over because their kind is not run, are no clicks and not rejected. */
const accountedFor = ({ clicks, impressions, conversions, rejected, skipped }: LineTotals): number =>
  clicks + impressions + conversions + rejected + skipped;
