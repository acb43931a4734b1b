const LATE = Symbol('late');

/**
 * What the work comes to if it ends in time; otherwise what `late` returns or throws. The work is not stopped by that:
 * `late` may see to it. What becomes of it then is nobody's concern, not even its failure.
 */
export async function withTimeout<T, L>(work: Promise<T>, limitMs: number, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, limitMs, LATE);
  });
  try {
    const first = await Promise.race([work, limit]);
    return first === LATE ? late() : first;
  } finally {
    clearTimeout(timer);
  }
}
