import type { Reconciliation } from '../../domain/reconciliation.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';

type FailureReason = 'missing_file' | 'corrupt_file' | 'hive_refused' | 'counts_disagree';

/** This run can never be published. (Any other error leaves it unfinished, to be resumed.) */
export class RunFailedError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What was asked cannot be done, now or later: the day is not in a state for it. */
export class RefusedError extends Error {}

/** Reconciliation blocked the run: it is published only if an operator accepts it. */
export class RunBlockedError extends Error {
  readonly report: Reconciliation;

  constructor(report: Reconciliation) {
    const { date, run, unexplained, lost, surplus, unexplained_limit } = report;
    const next = dayOf(dayStartMs(date) + DAY_MS);
    super(
      `run ${run} of ${date} is blocked, and not published: ${unexplained} clicks are unexplained ` +
        `(${lost} lost by real time, ${surplus} in real time only; RECONCILE_LIMIT ${unexplained_limit}). ` +
        `See "clickledger reconcile --date ${date}"; then recount the day when the cause is fixed, or publish it as it is: ` +
        `clickledger rebuild --from ${date} --to ${next} --accept --reason <text>`,
    );
    this.report = report;
  }
}
