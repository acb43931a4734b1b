import type { z } from 'zod';

/**
 * Where everything is decided that may be decided only once: which event of the ledger is next, which run number is
 * taken, which store belongs to this platform. Engines hold copies of it, which are brought forward to it.
 *
 * The one thing asked of an implementation: of any number of concurrent creates of a key exactly one makes it, and from
 * then on everybody reads what that one wrote.
 */
export interface Register {
  /**
   * Creates a key. `taken`: somebody else has made it, so what was decided for it must be decided anew, from what is
   * there now. Never create the next key with the same decision.
   */
  create(key: string, value: unknown): Promise<'made' | 'taken'>;
  /** Null: there is no such key. Throws an error that names key and field if the value is not as the schema has it. */
  read<Schema extends z.ZodType>(schema: Schema, key: string): Promise<z.output<Schema> | null>;
  /** All keys that begin with the prefix, which ends with a slash; in order. */
  list(prefix: string): Promise<string[]>;
}

/** Segments of lower-case letters, digits, and `._~-`, so that a key is a path and an object's name alike. */
const KEY = /^[a-z0-9][a-z0-9._~-]*(\/[a-z0-9][a-z0-9._~-]*)*$/;

export function checkKey(key: string): void {
  if (!KEY.test(key)) throw new Error(`"${key}" is no key of the register`);
}

/** A number within a key, so that keys are in the order of their numbers. */
export const numbered = (n: number): string => String(n).padStart(12, '0');

/** The highest number among keys that end with one; 0 without any. */
export const lastNumber = (keys: string[]): number =>
  keys.reduce((last, key) => Math.max(last, Number(key.slice(key.lastIndexOf('/') + 1))), 0);

/**
 * A number for this start of a process: higher than every one that was given before under the name. What carries a
 * lower number comes from a process that was started earlier, and may have been thought dead.
 */
export async function takeEpoch(register: Register, name: string): Promise<number> {
  for (;;) {
    const epoch = lastNumber(await register.list(`epochs/${name}/`)) + 1;
    if ((await register.create(`epochs/${name}/${numbered(epoch)}`, { pid: process.pid })) === 'made') return epoch;
  }
}
