/** Says whether it is time again: at first, and then at most once in so long. For progress, and whatever may be left out. */
export function atMostEvery(intervalMs: number): () => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    if (nowMs - lastMs < intervalMs) return false;
    lastMs = nowMs;
    return true;
  };
}
