/** A waiting caller. */
export interface Waiter<Question, Answer> {
  question: Question;
  signal: AbortSignal;
  answer: (answer: Answer) => void;
  fail: (error: unknown) => void;
}

type AskAll<Question, Answer> = (questions: Question[], signal: AbortSignal) => Promise<Answer[]>;

/**
 * Coalesces questions with the same key: while a request is in flight, further questions wait for the next one and
 * share it. So few questions each have the engine to themselves, and many cost little more than one.
 * @param most questions per request, so that an error affects few
 */
export function coalesce<Question, Answer>(
  most: number,
  askAll: AskAll<Question, Answer>,
): (key: string, question: Question, signal: AbortSignal) => Promise<Answer> {
  type Queue = Waiter<Question, Answer>[];
  /** Keys with a request in flight. */
  const queues = new Map<string, Queue>();

  async function work(key: string, queue: Queue): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, most).filter((waiting) => {
        if (waiting.signal.aborted) waiting.fail(waiting.signal.reason);
        return !waiting.signal.aborted;
      });
      if (batch.length > 0) await answerAll(batch, askAll);
    }
    queues.delete(key);
  }

  return (key, question, signal) =>
    new Promise((answer, fail) => {
      const waiting = { question, signal, answer, fail };
      const queue = queues.get(key);
      if (queue) queue.push(waiting);
      else {
        const begun = [waiting];
        queues.set(key, begun);
        void work(key, begun);
      }
    });
}

/** Answers several questions with one call, which is cancelled when no caller waits for any of it. */
export async function answerAll<Question, Answer>(
  batch: Waiter<Question, Answer>[],
  askAll: AskAll<Question, Answer>,
): Promise<void> {
  const questions = batch.map(({ question }) => question);
  const patience = untilAllLeave(batch.map(({ signal }) => signal));
  try {
    const answers = await askAll(questions, patience.signal);
    for (const [i, { answer }] of batch.entries()) answer(answers[i] as Answer);
  } catch (error) {
    for (const { fail } of batch) fail(error);
  } finally {
    patience.release();
  }
}

/** A signal that is aborted once all the others are: no caller waits any more. */
function untilAllLeave(signals: AbortSignal[]): { signal: AbortSignal; release: () => void } {
  const ending = new AbortController();
  let waiters = signals.length;
  const leave = (): void => {
    waiters -= 1;
    if (waiters === 0) ending.abort();
  };
  for (const signal of signals) {
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  }
  const release = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', leave);
  };
  return { signal: ending.signal, release };
}
