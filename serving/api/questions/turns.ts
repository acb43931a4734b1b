import { availableParallelism } from 'node:os';
import { Gauge, type Registry } from 'prom-client';
import { Problem } from '../contract/problem.ts';

/** How long a question waits for its turn, and how many of a caller may wait. */
const WAIT_MS = 10_000;
const MOST_WAITING = 100;

interface Limits {
  /** Questions answered at once: of a caller, and of all together. */
  perCaller: number;
  inAll: number;
  waitMs?: number;
  mostWaiting?: number;
}

/** Whose turn it is, for one kind of question. */
export interface Turns {
  /** Does the work when it is its turn. Throws a Problem if that does not come in time, the signal's reason if it is aborted. */
  take<T>(caller: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  count(): { running: number; waiting: number };
}

/**
 * Limits how many questions are answered at once. Those beyond wait: the questions of a caller in their order, callers
 * in turn, so that one who asks much does not keep the others waiting.
 */
export function createTurns({ perCaller, inAll, waitMs = WAIT_MS, mostWaiting = MOST_WAITING }: Limits): Turns {
  const running = new Map<string, number>();
  /** Who waits; the caller who was served last is the last one. */
  const queues = new Map<string, (() => void)[]>();
  let total = 0;

  const isFree = (caller: string): boolean => total < inAll && (running.get(caller) ?? 0) < perCaller;

  function begin(caller: string): void {
    total += 1;
    running.set(caller, (running.get(caller) ?? 0) + 1);
  }

  function end(caller: string): void {
    total -= 1;
    const left = (running.get(caller) ?? 1) - 1;
    if (left === 0) running.delete(caller);
    else running.set(caller, left);
    for (const next of queues.keys()) {
      if (!isFree(next)) continue;
      const queue = queues.get(next) ?? [];
      const turn = queue.shift();
      queues.delete(next);
      if (queue.length > 0) queues.set(next, queue);
      begin(next);
      turn?.();
      return;
    }
  }

  function refusal(caller: string): Problem {
    const isOwn = (running.get(caller) ?? 0) >= perCaller;
    if (isOwn) {
      const detail = `at most ${perCaller} such questions of one caller are answered at once: ask them one after the other`;
      return new Problem(429, 'too-many-questions', 'Too many questions at once', detail);
    }
    const detail = `at most ${inAll} such questions are answered at once, and others are: ask again later`;
    return new Problem(503, 'busy', 'Too many questions at once', detail);
  }

  function wait(caller: string, signal: AbortSignal): Promise<void> {
    const queue = queues.get(caller) ?? [];
    if (queue.length >= mostWaiting) throw refusal(caller);
    queues.set(caller, queue);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const turn = (): void => {
        settle();
        resolve();
      };
      const leave = (reason: unknown): void => {
        settle();
        queue.splice(queue.indexOf(turn), 1);
        if (queue.length === 0) queues.delete(caller);
        reject(reason);
      };
      const onAbort = (): void => leave(signal.reason);
      const timer = setTimeout(() => leave(refusal(caller)), waitMs);
      queue.push(turn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  return {
    async take(caller, signal, work) {
      signal.throwIfAborted();
      if (isFree(caller)) begin(caller);
      else await wait(caller, signal);
      try {
        return await work();
      } finally {
        end(caller);
      }
    },
    count: () => ({ running: total, waiting: [...queues.values()].reduce((sum, { length }) => sum + length, 0) }),
  };
}

/** Questions that read raw clicks, all ads or Kafka; and those that read a few stored rows. */
export type Speed = 'slow' | 'quick';
export type QuestionTurns = Record<Speed, Turns>;

/**
 * Slow questions take processors for seconds each: more at once than there are processors only make each of them, and
 * whatever runs beside them, slower. Those of one caller leave room for others'.
 */
const SLOW_OF_CALLER = Math.min(4, Math.max(2, availableParallelism()));

/** Quick ones share requests to the engines, so that many at once are no trouble. */
const LIMITS: Record<Speed, Limits> = {
  slow: { perCaller: SLOW_OF_CALLER, inAll: 2 * SLOW_OF_CALLER },
  quick: { perCaller: 64, inAll: 256 },
};

export function questionTurns(metrics: Registry): QuestionTurns {
  const turns = { slow: createTurns(LIMITS.slow), quick: createTurns(LIMITS.quick) };
  new Gauge({
    name: 'clickledger_api_questions',
    help: 'Questions that are being answered, and that wait for their turn; slow ones read raw clicks or all ads',
    labelNames: ['speed', 'state'],
    registers: [metrics],
    collect() {
      for (const speed of ['slow', 'quick'] as const) {
        for (const [state, questions] of Object.entries(turns[speed].count())) this.set({ speed, state }, questions);
      }
    },
  });
  return turns;
}
