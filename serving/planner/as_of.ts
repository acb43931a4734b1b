import type { Cut } from '../../domain/cut.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import type { Plan } from './parts.ts';
import { plan } from './plan.ts';
import { NO_SEARCH, type Question } from './question.ts';
import { clipAll, dayRange } from './ranges.ts';

/** A question about the answer at a past time. */
export type PastQuestion = Question & { asOfMs: number };

/** A ledger entry that says which run answers for a day from then on; run 0: its real-time counts. */
export interface PublishedEvent {
  date: string;
  /** Orders the events of a date. */
  seq: number;
  run: number;
  cut: Cut;
  recordedMs: number;
}

/** Which raw clicks still exist. */
interface KeptClicks {
  /** All clicks that arrived since then are kept. */
  sinceMs: number;
  /** Days with clicks that arrived before that. */
  incompleteDays: ReadonlySet<string>;
}

/** The run that answered for each day at a time, by day; days answered from real time are absent. */
export function publishedAt(events: PublishedEvent[], asOfMs: number): Map<string, PublishedRun> {
  const published = new Map<string, PublishedRun>();
  const firstRuns = new Map<string, number>();
  const then = events.filter(({ recordedMs }) => recordedMs <= asOfMs);
  for (const { date, run, cut } of then.sort((a, b) => a.seq - b.seq)) {
    if (run === 0) {
      published.delete(date);
      continue;
    }
    const firstRun = firstRuns.get(date) ?? run;
    firstRuns.set(date, firstRun);
    published.set(date, { date, run, firstRun, cut });
  }
  return published;
}

/** By the ledger of that time, and from ClickHouse alone: it has every run, and the arrival of each click. */
export const planAsOf = (question: PastQuestion, events: PublishedEvent[]): Plan =>
  plan(question, { ...NO_SEARCH, published: publishedAt(events, question.asOfMs) });

/** Whether all raw clicks that the plan needs still exist. */
export function isKept({ parts }: Plan, asOfMs: number, { sinceMs, incompleteDays }: KeptClicks): boolean {
  return parts.every((part) => {
    if (part.kind === 'run_raw') return part.runs.every(({ date }) => !incompleteDays.has(date));
    if (part.kind !== 'realtime_raw') return true;
    const incomplete = [...incompleteDays].map(dayRange);
    return asOfMs >= sinceMs && part.ranges.every((range) => clipAll(incomplete, range).length === 0);
  });
}

/** Whether all clicks that came after the runs' cuts still exist, to be counted. */
export const isLateKept = ({ late }: Plan, { incompleteDays }: Pick<KeptClicks, 'incompleteDays'>): boolean =>
  late === null || late.runs.every(({ date }) => !incompleteDays.has(date));

/** The earliest time after the question's that it can be answered as of; null if there is none up to now. */
export function answerableFrom(
  question: PastQuestion,
  events: PublishedEvent[],
  kept: KeptClicks,
  nowMs: number,
): number | null {
  const times = [kept.sinceMs, ...events.map(({ recordedMs }) => recordedMs), nowMs];
  const later = times.filter((ms) => ms > question.asOfMs && ms <= nowMs).sort((a, b) => a - b);
  return later.find((asOfMs) => isKept(planAsOf({ ...question, asOfMs }, events), asOfMs, kept)) ?? null;
}
