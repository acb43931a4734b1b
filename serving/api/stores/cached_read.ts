import { ENGINE_LIMIT_MS } from './engines.ts';

interface Reading<T> {
  startedMs: number;
  value: Promise<T>;
}

/**
 * A shared cached read (stale-while-revalidate): each caller gets a reading that started at most `maxAgeMs` before the
 * call. At half that age a new one is started in the background, so frequent callers never wait. A reading is not
 * cancelled with its first caller, since others may wait for it; it has its own time limit. Failed readings are not
 * cached.
 */
export function cachedRead<T>(
  maxAgeMs: number,
  read: (signal: AbortSignal) => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let latest: Reading<T> | null = null;
  /** Started after the latest, and still in flight. */
  let next: Reading<T> | null = null;

  function begin(nowMs: number): Reading<T> {
    const reading = { startedMs: nowMs, value: read(AbortSignal.timeout(ENGINE_LIMIT_MS)) };
    reading.value.catch(() => {
      if (latest === reading) latest = null;
    });
    return reading;
  }

  function prepare(nowMs: number): void {
    const reading = begin(nowMs);
    next = reading;
    const arrive = (isThere: boolean) => (): void => {
      if (next !== reading) return;
      next = null;
      if (isThere) latest = reading;
    };
    reading.value.then(arrive(true), arrive(false));
  }

  return () => {
    const nowMs = now();
    const isUsable = (reading: Reading<T> | null): reading is Reading<T> =>
      reading !== null && nowMs - reading.startedMs <= maxAgeMs;
    if (!isUsable(latest)) {
      latest = isUsable(next) ? next : begin(nowMs);
      next = null;
    } else if (next === null && nowMs - latest.startedMs > maxAgeMs / 2) prepare(nowMs);
    return latest.value;
  };
}

/** Memoizes one value per object, created on first use. */
export function memoizeByObject<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
