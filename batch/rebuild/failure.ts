type FailureReason = 'missing_file' | 'corrupt_file' | 'hive_refused' | 'counts_disagree';

/** This run can never be published. (Any other error leaves it unfinished, to be taken up again.) */
export class RunFailedError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
