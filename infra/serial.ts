/** Does one piece of work after the other, in the order in which they were asked for. */
export class Serial {
  readonly #endsAtFailure: boolean;
  #last: Promise<unknown> = Promise.resolve();

  /** @param endsAtFailure behind work that failed nothing is begun any more: it rejects with the same error */
  constructor({ endsAtFailure = false } = {}) {
    this.#endsAtFailure = endsAtFailure;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // Whoever asked for the work is told of its failure; here it is not an unhandled one.
    const ended = turn.catch(() => {});
    this.#last = this.#endsAtFailure ? turn : ended;
    return turn;
  }

  /** Returns when all that was asked for until now has ended, however it ended. */
  async ended(): Promise<void> {
    await this.#last.catch(() => {});
  }
}
