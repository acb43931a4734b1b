import { rememberedSinceMs } from '../../domain/click/dedupe.ts';
import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import type { Register } from '../../infra/register/register.ts';
import { type Manifest, withoutGaps } from '../archive/files/manifest.ts';
import { currentEvent, dayOfKey, eventsIn, LEDGER, type LedgerRow } from '../run/ledger_row.ts';

/** A run whose minutes are brought back. */
export interface LostRun {
  day: string;
  run: number;
  clicks: number;
  cut: Cut;
  /** Whether the day was ever answered from it. */
  wasPublished: boolean;
}

/** A day that has had a run. */
export interface LedgerDay {
  /** 0: its real-time counts answer, since its runs were rolled back. */
  current: number;
  runs: LostRun[];
}

/** By the register: every day that was ever published. */
export async function ledgerDays(register: Register): Promise<Map<string, LedgerDay>> {
  const days = new Set((await register.list(LEDGER)).flatMap((key) => dayOfKey(key) ?? []));
  const found = new Map<string, LedgerDay>();
  for (const day of [...days].sort()) {
    const events = await eventsIn(register, day);
    const runs = lostRuns(day, events);
    const current = currentEvent(events)?.run;
    if (current !== undefined || runs.length > 0) found.set(day, { current: current ?? 0, runs });
  }
  return found;
}

/** Runs that were published, and those that only wait for somebody to accept them, with their latest figures. */
export function lostRuns(day: string, events: readonly LedgerRow[]): LostRun[] {
  const byRun = new Map<number, LedgerRow[]>();
  for (const event of events) if (event.run > 0) byRun.set(event.run, [...(byRun.get(event.run) ?? []), event]);
  return [...byRun].flatMap(([run, ofRun]) => {
    const last = ofRun.at(-1);
    const wasPublished = ofRun.some(({ state }) => state === 'published');
    if (last === undefined || !(wasPublished || last.state === 'blocked' || last.state === 'accepted')) return [];
    return [{ day, run, clicks: last.clicks, cut: last.cut, wasPublished }];
  });
}

/** Clicks of a day in the archive. */
export interface ArchivedDay {
  day: string;
  rows: number;
  /** Arrival of the last range that has any of them, epoch ms. */
  arrivedMs: number;
}

/** What the archive has below a cut, by day. Throws if a manifest is missing; see withoutGaps. */
export function archivedBelow(manifests: Iterable<Manifest>, cut: Cut): Map<string, ArchivedDay> {
  const days = new Map<string, ArchivedDay>();
  for (const { topic, partition, files, arrived_to } of withoutGaps(manifests)) {
    const name = topicPartition(topic, partition);
    for (const { day, rows, min_topic_offset } of files) {
      if (min_topic_offset >= (cut[name] ?? 0)) continue;
      const known = days.get(day) ?? { day, rows: 0, arrivedMs: 0 };
      days.set(day, { day, rows: known.rows + rows, arrivedMs: Math.max(known.arrivedMs, arrived_to) });
    }
  }
  return days;
}

/** In which order the raw clicks of days come back. */
export interface Order {
  /** Before the sink counts on: days without a run, and those with clicks that a copy may still come of. */
  first: string[];
  /** The rest, newest first. */
  later: string[];
}

/**
 * @param sinceMs clicks that arrived since then are looked for copies of
 */
export function orderOf(
  archived: ReadonlyMap<string, ArchivedDay>,
  ledger: ReadonlyMap<string, LedgerDay>,
  sinceMs: number,
): Order {
  const newestFirst = [...archived.values()].sort((a, b) => (a.day < b.day ? 1 : -1));
  const isFirst = ({ day, arrivedMs }: ArchivedDay): boolean =>
    (ledger.get(day)?.current ?? 0) === 0 || arrivedMs >= sinceMs;
  return {
    first: newestFirst.filter(isFirst).map(({ day }) => day),
    later: newestFirst.filter((one) => !isFirst(one)).map(({ day }) => day),
  };
}

/** Since when arrived clicks are looked for copies of, epoch ms. */
export function rememberedSince(archived: ReadonlyMap<string, ArchivedDay>, dedupeWindowMs: number): number {
  const last = [...archived.values()].reduce((latest, { arrivedMs }) => Math.max(latest, arrivedMs), 0);
  return rememberedSinceMs(last, dedupeWindowMs);
}
