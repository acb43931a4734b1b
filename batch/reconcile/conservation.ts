import type { Totals } from '../../domain/ad_minutes.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import type { ConservationRule } from '../../domain/reconciliation.ts';
import type { Counted } from '../run/run_files.ts';

interface Evidence {
  event: EventKind;
  counted: Counted;
  /** Read back from Hive's files by another engine. */
  written: Totals;
  /** As stored in ClickHouse. */
  loaded: Totals;
}

/**
 * Conservation of a run, from stored rows and never from reported figures: archived rows below the cut = clicks +
 * copies dropped, and every store that holds the run has the same sums. A run that breaks a rule is wrong in itself,
 * whatever the real-time counts are.
 */
export function conservation({ event, counted, written, loaded }: Evidence): ConservationRule[] {
  const events = PLURAL[event];
  const { documents, clicks, archived, inputs } = counted;
  const rules: [rule: string, left: number, right: number][] = [
    ['rows that Hive read = rows below the cut in the manifests', archived, inputs.rows],
    ["minutes in Hive's files = minutes that Hive counted", written.documents, documents],
    [`${events} in Hive's files = ${events} that Hive counted`, written.clicks, clicks],
    ['minutes in ClickHouse = minutes that Hive counted', loaded.documents, documents],
    [`${events} in ClickHouse = ${events} that Hive counted`, loaded.clicks, clicks],
  ];
  return [
    ...rules.map(([rule, left, right]) => ({ rule, left, right, ok: left === right })),
    { rule: `${events} ≤ rows that Hive read`, left: clicks, right: archived, ok: clicks <= archived },
  ];
}

/** The broken rules as text; null if all hold. */
export function brokenRules(rules: ConservationRule[]): string | null {
  const broken = rules.filter(({ ok }) => !ok);
  if (broken.length === 0) return null;
  return broken.map(({ rule, left, right }) => `${rule}: ${left} and ${right}`).join('; ');
}

export const copiesDropped = ({ archived, clicks }: Counted): number => archived - clicks;
