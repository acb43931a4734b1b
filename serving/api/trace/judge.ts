import type { Cut } from '../../../domain/cut.ts';
import { dayOf } from '../../../domain/time.ts';

/** A stored copy of an event. */
export interface StoredCopy {
  stored: 'raw' | 'copy';
  ad_id: string;
  /** ISO 8601. */
  time: string;
  user_id: string;
  ip: string;
  country: string;
  arrived_at: string;
  topic_partition: string;
  topic_offset: number;
}

/** A run of a day that was published at some time. */
export interface RunOfDay {
  run: number;
  cut: Cut;
  /** Whether the day is answered from it now. */
  isCurrent: boolean;
}

/**
 * Why a stored copy is not counted. `copy_in_window`: it came within DEDUPE_WINDOW of the first. `copy_in_run`: the run
 * counts the first of equal ones. `late`: it arrived beyond the cut of the run; the next one counts it.
 */
export type NotCounted = 'copy_in_window' | 'copy_in_run' | 'late';

interface Judged {
  counted: boolean;
  reason: NotCounted | null;
  /** Runs whose cut it arrived before. */
  runs: number[];
}

/** Two sends that agree in every field are one event; with other content it is an event of its own. */
const identityOf = ({ ad_id, time, user_id, ip, country }: StoredCopy): string =>
  JSON.stringify([ad_id, time, user_id, ip, country]);

const isBelow = ({ topic_partition, topic_offset }: StoredCopy, { cut }: RunOfDay): boolean =>
  topic_offset < (cut[topic_partition] ?? 0);

/**
 * What has become of each copy of an event id. A count does not depend on which of equal copies stands for them: here it is
 * the first.
 * @param copies in the order of their arrival
 * @param runsOf a day's runs
 */
export function judge(copies: readonly StoredCopy[], runsOf: (day: string) => readonly RunOfDay[]): Judged[] {
  const counted = new Set<string>();
  return copies.map((copy) => {
    const ofDay = runsOf(dayOf(Date.parse(copy.time)));
    const runs = ofDay.filter((run) => isBelow(copy, run)).map(({ run }) => run);
    const current = ofDay.find(({ isCurrent }) => isCurrent);
    const identity = identityOf(copy);
    const isFurther = counted.has(identity);
    if (current === undefined) {
      // Copies outside the window count until a run drops them.
      return copy.stored === 'raw'
        ? { counted: true, reason: null, runs }
        : { counted: false, reason: 'copy_in_window', runs };
    }
    if (isFurther) return { counted: false, reason: copy.stored === 'raw' ? 'copy_in_run' : 'copy_in_window', runs };
    if (!isBelow(copy, current)) return { counted: false, reason: 'late', runs };
    counted.add(identity);
    return { counted: true, reason: null, runs };
  });
}
