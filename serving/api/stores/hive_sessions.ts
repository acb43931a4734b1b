import type { Hive } from '../../../infra/clients/hive.ts';

/** The archive in Hive, for reading. */
export interface Archive {
  rows<Row>(statement: string, signal: AbortSignal): Promise<Row[]>;
  close(): Promise<void>;
}

/** Hive carries out one statement that needs work at a time; a second session answers what needs none beside it. */
const SESSIONS = 2;
/** A statement that was cancelled ends in so long, or its session is given up. */
const CANCEL_LIMIT_MS = 15_000;

/** Sessions are made when they are needed, so that all else is answered without Hive. Questions wait in order. */
export function createArchive(connect: () => Promise<Hive>): Archive {
  const idle: Hive[] = [];
  const open = new Set<Hive>();
  const waiting: (() => void)[] = [];
  let places = SESSIONS;
  let isClosed = false;

  async function take(signal: AbortSignal): Promise<void> {
    if (places > 0) {
      places -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(signal.reason);
      };
      waiting.push(turn);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  function give(): void {
    const next = waiting.shift();
    if (next) next();
    else places += 1;
  }

  async function connected(): Promise<Hive> {
    const hive = await connect();
    if (isClosed) {
      await hive.close();
      throw new Error('the API stops');
    }
    open.add(hive);
    return hive;
  }

  function drop(hive: Hive): void {
    open.delete(hive);
    void hive.close();
  }

  async function ask<Row>(statement: string, signal: AbortSignal): Promise<Row[]> {
    const used = idle.pop();
    if (used !== undefined) {
      try {
        return await askOf<Row>(used, statement, signal);
      } catch {
        // It may have been lost long ago, or forgotten by the server: only what a new session says counts.
        signal.throwIfAborted();
      }
    }
    return askOf<Row>(await connected(), statement, signal);
  }

  async function askOf<Row>(hive: Hive, statement: string, signal: AbortSignal): Promise<Row[]> {
    let limit: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      limit = setTimeout(() => drop(hive), CANCEL_LIMIT_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const rows = await hive.rows<Row>(statement, signal);
      if (open.has(hive)) idle.push(hive);
      return rows;
    } catch (error) {
      drop(hive);
      throw error;
    } finally {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    async rows<Row>(statement: string, signal: AbortSignal): Promise<Row[]> {
      signal.throwIfAborted();
      await take(signal);
      const work = ask<Row>(statement, signal).finally(give);
      // Who has gone away is not kept waiting until Hive has noticed.
      let stop = (): void => {};
      const aborted = new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
      });
      return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
    },
    async close() {
      isClosed = true;
      await Promise.all([...open].map((hive) => hive.close()));
    },
  };
}
