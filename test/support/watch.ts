import { setTimeout as delay } from 'node:timers/promises';

export interface Watch {
  /** How often there was an answer. */
  answers: number;
  stop(): Promise<void>;
}

/**
 * Looks again and again until it is stopped.
 * @param look false when there was no answer; what it throws goes to `onFailure`
 */
export function watch(look: () => Promise<boolean>, everyMs: number, onFailure: (error: unknown) => void): Watch {
  let isOver = false;
  const watching = { answers: 0 };
  const going = (async () => {
    while (!isOver) {
      try {
        if (await look()) watching.answers += 1;
      } catch (error) {
        onFailure(error);
      }
      await delay(everyMs);
    }
  })();
  return Object.assign(watching, {
    async stop() {
      isOver = true;
      await going;
    },
  });
}
