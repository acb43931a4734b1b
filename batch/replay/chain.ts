import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import { monthNumber } from '../../domain/retention.ts';
import { type Manifest, withoutGaps } from '../archive/files/manifest.ts';
import type { Days } from './staging.ts';

/** What the archive has of some days, by its manifests alone. */
interface ArchivedDays {
  /** Clicks of the days. */
  rows: number;
  /** Months of arrival they may be in, such as 202601. */
  months: Set<string>;
  /** First archived offset of each partition. */
  begins: Cut;
}

/** @param manifests of each partition in offset order; see withoutGaps */
export function archivedDays(manifests: Iterable<Manifest>, { from, to }: Days): ArchivedDays {
  const found: ArchivedDays = { rows: 0, months: new Set(), begins: {} };
  for (const manifest of withoutGaps(manifests)) {
    found.begins[topicPartition(manifest.topic, manifest.partition)] ??= manifest.from;
    const files = manifest.files.filter(({ day }) => day >= from && day < to);
    if (files.length === 0) continue;
    for (const { rows } of files) found.rows += rows;
    for (const month of monthsBetween(manifest.arrived_from, manifest.arrived_to)) found.months.add(month);
  }
  return found;
}

function monthsBetween(fromMs: number, toMs: number): string[] {
  const months: string[] = [];
  const at = new Date(fromMs);
  for (let ms = Date.UTC(at.getUTCFullYear(), at.getUTCMonth()); ms <= toMs; ) {
    months.push(String(monthNumber(ms)));
    const month = new Date(ms);
    ms = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1);
  }
  return months;
}
