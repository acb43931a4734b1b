import type { Cut } from '../../domain/cut.ts';
import type { PublishedRun } from '../../domain/receipt.ts';
import type { Plan } from './parts.ts';
import { plan } from './plan.ts';
import { NO_SEARCH, type Question } from './question.ts';
import { clipAll, dayRange } from './ranges.ts';

/** A question about what would have been answered at a past time. */
export type PastQuestion = Question & { asOfMs: number };

/** A line of the ledger that says what a day is answered from since then; run 0: from its real-time counts. */
export interface PublishedEvent {
  date: string;
  /** Orders the events of a date. */
  seq: number;
  run: number;
  cut: Cut;
  recordedMs: number;
}

/** What raw clicks there still are. */
interface KeptClicks {
  /** Those that arrived since then are all there. */
  sinceMs: number;
  /** Days that clicks had arrived for before. */
  incompleteDays: ReadonlySet<string>;
}

/** The run that each day was answered from at a time, by day; a day that was answered from real time is not there. */
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

/** By the ledger of then, and from ClickHouse alone: it has every run, and when each click arrived. */
export const planAsOf = (question: PastQuestion, events: PublishedEvent[]): Plan =>
  plan(question, { ...NO_SEARCH, published: publishedAt(events, question.asOfMs) });

/** Whether every raw click that the plan asks for is still there. */
export function isKept({ parts }: Plan, asOfMs: number, { sinceMs, incompleteDays }: KeptClicks): boolean {
  return parts.every((part) => {
    if (part.kind === 'run_raw') return part.runs.every(({ date }) => !incompleteDays.has(date));
    if (part.kind !== 'realtime_raw') return true;
    const incomplete = [...incompleteDays].map(dayRange);
    return asOfMs >= sinceMs && part.ranges.every((range) => clipAll(incomplete, range).length === 0);
  });
}

/** Whether every click that came behind the runs' cuts is still there to be counted. */
export const isLateKept = ({ late }: Plan, { incompleteDays }: Pick<KeptClicks, 'incompleteDays'>): boolean =>
  late === null || late.runs.every(({ date }) => !incompleteDays.has(date));

/** The first time after the question's that the question can be answered as of; null if there is none until now. */
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
