import type { Hive } from '../../../infra/clients/hive.ts';

/** Read access to the archive in Hive. */
export interface Archive {
  rows(statement: string, signal: AbortSignal): Promise<unknown[]>;
  close(): Promise<void>;
}

/** Hive executes one statement with real work at a time; a second session answers trivial ones meanwhile. */
const SESSIONS = 2;
/** If a cancelled statement takes longer to end, its session is abandoned. */
const CANCEL_LIMIT_MS = 15_000;

/** Sessions are opened when needed, so that everything else works without Hive. Questions wait in order. */
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

  async function ask(statement: string, signal: AbortSignal): Promise<unknown[]> {
    const used = idle.pop();
    if (used !== undefined) {
      try {
        return await askOf(used, statement, signal);
      } catch {
        // An idle session may have been lost or expired on the server: only a failure in a new session counts.
        signal.throwIfAborted();
      }
    }
    return askOf(await connected(), statement, signal);
  }

  async function askOf(hive: Hive, statement: string, signal: AbortSignal): Promise<unknown[]> {
    let limit: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      limit = setTimeout(() => drop(hive), CANCEL_LIMIT_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const rows = await hive.rows(statement, signal);
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
    async rows(statement: string, signal: AbortSignal): Promise<unknown[]> {
      signal.throwIfAborted();
      await take(signal);
      const work = ask(statement, signal).finally(give);
      // A caller that has gone away does not wait until Hive has noticed.
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
