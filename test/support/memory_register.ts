import { parsed } from '../../domain/parse.ts';
import type { Register } from '../../infra/register/register.ts';

/** A register of one process, for tests of what is decided with it. */
export function memoryRegister(): Register {
  const entries = new Map<string, unknown>();
  return {
    async create(key, value) {
      if (entries.has(key)) return 'taken';
      entries.set(key, structuredClone(value));
      return 'made';
    },
    async read(schema, key) {
      return entries.has(key) ? parsed(schema, entries.get(key), key) : null;
    },
    async list(prefix) {
      return [...entries.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}
