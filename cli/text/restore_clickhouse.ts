import { PLURAL } from '../../domain/event_kinds.ts';
import type { ClickHouseState, KindSurvey } from '../restore/clickhouse.ts';

/** Records of ClickHouse that are in neither register nor archive. */
const IN_A_BACKUP = [
  'reports of reconciliations (verdicts and figures of runs are in the ledger)',
  'requests that were made through the API and not carried out yet: make them again',
  'who asked for replays, and why',
];
const REPORTS = 'kept pages of reports';

/** @param from a backup that the others are brought back from */
export const notBroughtBack = (from: string | undefined): string[] =>
  from === undefined ? [...IN_A_BACKUP, REPORTS] : ['what was recorded after the backup', REPORTS];

const HEAD: Record<ClickHouseState, string> = {
  away: 'ClickHouse does not answer. If its folder is empty, this would be brought back:',
  empty: 'ClickHouse is empty. This would be brought back:',
  begun: 'A part of what ClickHouse had is back. Of this, what is not back yet would be brought back:',
  whole: 'ClickHouse has what it had: there is nothing to bring back. If it were lost, this would be brought back:',
};

/** What a restore would do, how long it would take, and what it would not bring back. */
export function surveyText(state: ClickHouseState, surveys: KindSurvey[], lost: string[]): string {
  const seconds = surveys.reduce((sum, one) => sum + one.seconds, 0);
  const first = surveys.reduce((sum, one) => sum + one.seconds_first, 0);
  return [
    HEAD[state],
    ...surveys.flatMap(linesOf),
    `about ${first} s until the sink counts on, ${seconds} s in all; until a day is back, its answers are 503`,
    'not brought back:',
    ...lost.map((what) => `  ${what}`),
    ...surveys.flatMap(({ never_archived }) =>
      Object.entries(never_archived).map(
        ([name, from]) => `  real time of messages 0 to ${from - 1} of ${name}, which were never archived`,
      ),
    ),
    '',
  ].join('\n');
}

function linesOf({ event, first, from_kafka, runs, later }: KindSurvey): string[] {
  const events = PLURAL[event];
  return [
    `  ${events} of ${first.days} days without a run, or so new that copies may come: ${first.clicks} archived`,
    from_kafka === null
      ? `  ${events} that were counted and not archived: Kafka does not say how many`
      : `  ${events} that were counted and not archived, again from Kafka: ${from_kafka} messages`,
    `  ${runs.runs} runs of ${runs.days} days, with ${runs.clicks} ${events}`,
    `  ${events} of ${later.days} more days, newest first: ${later.clicks} archived`,
  ];
}
