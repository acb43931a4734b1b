import { ENGINE_LIMIT_MS } from './engines.ts';

interface Reading<T> {
  startedMs: number;
  value: Promise<T>;
}

/**
 * A reading that questions share: each gets one that began at most `maxAgeMs` before it asked. Who gets one that is
 * half as old has the next one begun, so that questions which come often never wait. A reading does not end with who
 * asked for it first, others may wait for it; it has a time limit of its own. One that failed is not kept.
 */
export function cachedRead<T>(
  maxAgeMs: number,
  read: (signal: AbortSignal) => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let latest: Reading<T> | null = null;
  /** Younger than the latest, but not there yet. */
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

/** One of something for each object, made when it is first asked for. */
export function memoizeByObject<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
