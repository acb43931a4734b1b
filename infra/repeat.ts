import type { Service } from './role.ts';

/**
 * Runs a step repeatedly, at most once per `intervalMs`, never concurrently. A failed step ends the process (an
 * unhandled rejection): it is restarted from durable state.
 */
export function repeat(intervalMs: number, step: () => Promise<void>): Service {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const tick = (): void => {
    if (stopping) return;
    const startedAt = performance.now();
    running = step().then(() => {
      const waitMs = Math.max(0, intervalMs - (performance.now() - startedAt));
      if (!stopping) timer = setTimeout(tick, waitMs);
    });
  };
  tick();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}
