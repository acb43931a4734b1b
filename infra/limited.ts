/**
 * Work that is cancelled with the signal, or when it takes too long. Not by `AbortSignal.any` of the signal and of an
 * `AbortSignal.timeout`: Node 20 collects that timeout with its garbage, and then the limit never comes.
 */
export async function limited<T>(
  signal: AbortSignal,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const leave = (): void => ending.abort(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  const late = (): void => ending.abort(new DOMException(`no answer within ${limitMs / 1_000} s`, 'TimeoutError'));
  const timer = setTimeout(late, limitMs);
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}
