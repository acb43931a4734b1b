import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Given up when nothing has changed for so long. */
  stallMs?: number;
  everyMs?: number;
  /** Told each time the progress reads differently, at most once in two seconds. */
  onProgress?(progress: string): void;
  signal?: AbortSignal;
}

/**
 * Waits for a condition that others bring about.
 * @param ask null when it is met, else how far things are, in words
 */
export async function waitUntil(
  what: string,
  ask: () => Promise<string | null>,
  { stallMs = 60_000, everyMs = 200, onProgress, signal }: WaitOptions = {},
): Promise<void> {
  let last: string | null = null;
  let movedMs = Date.now();
  let toldMs = 0;
  for (;;) {
    signal?.throwIfAborted();
    const progress = await ask();
    if (progress === null) return;
    const nowMs = Date.now();
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
