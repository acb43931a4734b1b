import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Gives up when nothing has changed for this long. */
  stallMs?: number;
  everyMs?: number;
  /** Called each time the progress text changes, at most once in two seconds. */
  onProgress?(progress: string): void;
  signal?: AbortSignal;
}

/**
 * Waits for a condition that others bring about.
 * @param ask null when it is met, else the progress in words
 */
export async function waitUntil(
  what: string,
  ask: () => Promise<string | null>,
  { stallMs = 60_000, everyMs = 200, onProgress, signal }: WaitOptions = {},
): Promise<void> {
  let last: string | null = null;
  let movedMs = performance.now();
  let toldMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    const progress = await ask();
    if (progress === null) return;
    const nowMs = performance.now();
    if (progress !== last) [last, movedMs] = [progress, nowMs];
    else if (nowMs - movedMs > stallMs) {
      throw new Error(`gave up waiting for ${what}: ${progress}, and no change in ${Math.round(stallMs / 1000)} s`);
    }
    if (movedMs > toldMs && nowMs - toldMs >= 2_000) {
      onProgress?.(`${what}: ${progress}`);
      toldMs = nowMs;
    }
    await delay(everyMs, undefined, signal ? { signal } : {});
  }
}
