import type { MinuteTotals } from './output.ts';
import type { Counted } from './run_files.ts';

type Verdict = { publish: true } | { publish: false; why: string };

interface Evidence {
  counted: Counted;
  /** Read back from Hive's files by another engine. */
  written: MinuteTotals;
  /** As it stands in ClickHouse. */
  loaded: MinuteTotals;
}

/**
 * Whether a run may be published. Conservation, from stored rows and never from what was reported on the way: archived
 * rows below the cut = clicks + copies dropped, and every place that holds the run holds the same.
 */
export function verdict({ counted, written, loaded }: Evidence): Verdict {
  const { documents, clicks, archived, inputs } = counted;
  const rules: [rule: string, left: number, right: number][] = [
    ['rows that Hive read = rows below the cut in the manifests', archived, inputs.rows],
    ["minutes in Hive's files = minutes that Hive counted", written.documents, documents],
    ["clicks in Hive's files = clicks that Hive counted", written.clicks, clicks],
    ['minutes in ClickHouse = minutes that Hive counted', loaded.documents, documents],
    ['clicks in ClickHouse = clicks that Hive counted', loaded.clicks, clicks],
  ];
  const broken = rules.filter(([, left, right]) => left !== right);
  if (clicks > archived) broken.push(['clicks ≤ rows that Hive read', clicks, archived]);
  if (broken.length === 0) return { publish: true };
  return { publish: false, why: broken.map(([rule, left, right]) => `${rule}: ${left} and ${right}`).join('; ') };
}

export const copiesDropped = ({ archived, clicks }: Counted): number => archived - clicks;
