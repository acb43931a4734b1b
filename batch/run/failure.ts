import type { Reconciliation } from '../../domain/reconciliation.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';

type FailureReason = 'missing_file' | 'corrupt_file' | 'hive_refused' | 'counts_disagree';

/** This run can never be published. (Any other error leaves it unfinished, to be taken up again.) */
export class RunFailedError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Reconciliation did not let the run through: it is published only if a person accepts it. */
export class RunBlockedError extends Error {
  readonly report: Reconciliation;

  constructor(report: Reconciliation) {
    const { date, run, unexplained, lost, surplus, unexplained_limit } = report;
    const next = dayOf(dayStartMs(date) + DAY_MS);
    super(
      `run ${run} of ${date} is blocked, and not published: ${unexplained} clicks are unexplained ` +
        `(${lost} lost by real time, ${surplus} in real time only; RECONCILE_LIMIT ${unexplained_limit}). ` +
        `See "clickledger reconcile --date ${date}"; then count the day anew when the cause is mended, or publish it as it is: ` +
        `clickledger rebuild --from ${date} --to ${next} --accept --reason <text>`,
    );
    this.report = report;
  }
}
