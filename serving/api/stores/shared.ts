import { ENGINE_LIMIT_MS } from './engines.ts';

/**
 * A reading that questions share: each gets one that began at most `maxAgeMs` before it asked. A reading does not end
 * with who asked for it first, others may wait for it; it has a time limit of its own. One that failed is not kept.
 */
export function shared<T>(
  maxAgeMs: number,
  read: (signal: AbortSignal) => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let latest: { startedMs: number; reading: Promise<T> } | null = null;
  return () => {
    const nowMs = now();
    if (latest !== null && nowMs - latest.startedMs <= maxAgeMs) return latest.reading;
    const started = { startedMs: nowMs, reading: read(AbortSignal.timeout(ENGINE_LIMIT_MS)) };
    latest = started;
    started.reading.catch(() => {
      if (latest === started) latest = null;
    });
    return started.reading;
  };
}

/** One of something for each object, made when it is first asked for. */
export function perObject<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
