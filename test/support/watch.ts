import { setTimeout as delay } from 'node:timers/promises';

export interface Watch {
  /** Number of answers. */
  answers: number;
  stop(): Promise<void>;
}

/**
 * Polls until it is stopped.
 * @param poll false if there was no answer; its errors go to `onFailure`
 */
export function watch(poll: () => Promise<boolean>, everyMs: number, onFailure: (error: unknown) => void): Watch {
  let isOver = false;
  const watching = { answers: 0 };
  const going = (async () => {
    while (!isOver) {
      try {
        if (await poll()) watching.answers += 1;
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
