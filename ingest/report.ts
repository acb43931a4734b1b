import type { Log } from '../infra/log.ts';

/** File problems, each told once until it is over; the file is tried again all the while. */
export class FileProblems {
  readonly #open = new Map<string, string>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The result, or undefined if the operating system refused. */
  try<Result>(what: 'look at' | 'recognise' | 'read', path: string, read: () => Result): Result | undefined {
    const key = `${what} ${path}`;
    try {
      const result = read();
      if (this.#open.delete(key)) this.#log.info({ path }, `can ${what} it again`);
      return result;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      // Only what the operating system says of a file; anything else is a fault of ours.
      if (code === undefined || syscall === undefined) throw error;
      // Gone between two looks: the next one will tell.
      if (code === 'ENOENT') return undefined;
      if (this.#open.get(key) !== code)
        this.#log.warn({ path, err: error }, `cannot ${what} it (${code}), tried again`);
      this.#open.set(key, code);
      return undefined;
    }
  }
}
