import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';

interface Waiting {
  event: EventKind;
  begin(): void;
}

/**
 * Heavy work of all kinds, one piece at a time. Of those that wait, the kind that is served first goes first: work of
 * another kind that comes in many pieces delays it by one of them.
 */
export class Turns {
  #isTaken = false;
  readonly #waiting: Waiting[] = [];

  async run<T>(event: EventKind, work: () => Promise<T>): Promise<T> {
    if (this.#isTaken) await new Promise<void>((begin) => this.#waiting.push({ event, begin }));
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  /** The turn goes from one to the next, and is free only if nobody waits: nobody can come in between. */
  #pass(): void {
    const first = EVENT_KINDS.flatMap((event) => this.#waiting.find((one) => one.event === event) ?? [])[0];
    if (first === undefined) {
      this.#isTaken = false;
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    first.begin();
  }
}
