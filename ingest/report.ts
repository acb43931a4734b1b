import type { Log } from '../infra/log.ts';

/** File problems, each logged once until it is over; the file is retried all the while. */
export class FileProblems {
  readonly #open = new Map<string, string>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The result, or undefined if the operating system refused. */
  try<Result>(what: 'inspect' | 'recognise' | 'read', path: string, read: () => Result): Result | undefined {
    const key = `${what} ${path}`;
    try {
      const result = read();
      if (this.#open.delete(key)) this.#log.info({ path }, `can ${what} it again`);
      return result;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      // Handles only errors of the operating system; anything else is a bug.
      if (code === undefined || syscall === undefined) throw error;
      // Deleted between two scans: the next one handles that.
      if (code === 'ENOENT') return undefined;
      if (this.#open.get(key) !== code)
        this.#log.warn({ path, err: error }, `cannot ${what} it (${code}), tried again`);
      this.#open.set(key, code);
      return undefined;
    }
  }
}
