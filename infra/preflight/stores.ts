import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { time } from '../../domain/fields.ts';
import { iso } from '../../domain/time.ts';
import { numbered, type Register } from '../register/register.ts';
import { RefusedError } from './refused.ts';

export const STORE_NAMES = ['clickhouse', 'elasticsearch', 'kafka', 'archive'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** A store that holds what was counted, and says which one it is. */
export interface Store {
  name: StoreName;
  /** What to call it, with its address: `ClickHouse at http://127.0.0.1:8123`. */
  what: string;
  /** The setting of its address. */
  setting: string;
  /** The ids in it: none in a new or emptied one. */
  readIds(): Promise<string[]>;
  /** Null: it has had an id since it was made. */
  writeId: ((id: string) => Promise<void>) | null;
  /** Whether one without an id is taken although it had one: it is being filled again, or somebody else refuses it. */
  isRefilled?: true;
  /** The command that fills an emptied one again. */
  refill?: string;
  /** The command that goes on with another one, where the one on record is lost. */
  replace?: string;
}

/** Null: the next store that is seen is taken, whatever its id. */
const storeRecord = z.object({ id: z.string().min(1).nullable(), at: time });

const keyOf = (name: StoreName): string => `stores/${name}/`;
const writtenKey = (name: StoreName, n: string): string => `stores-written/${name}/${n}`;
const HOW = 'see docs/operations.md, "A lost or older engine"';

/**
 * Refuses a store that is not the one on record in the register. A platform that has none on record, new or of an
 * earlier version, takes the store as it is: the id is decided in the register, then written into the store, and that it
 * was written is put on record too: afterwards a store without an id has been emptied.
 * @param adopts whether this process may give a store its id; one that only reads does not
 */
export async function checkStore(register: Register, store: Store, nowMs: number, adopts = true): Promise<void> {
  const ids = await store.readIds();
  if (ids.length > 1) refuse(`${store.what} has the ids of several platforms (${ids.join(', ')})`, store);
  const [own] = ids;
  const decided = await lastDecided(register, store.name);
  if (decided === null || decided.id === null) {
    if (decided === null && own !== undefined && store.writeId !== null) {
      const dir = 'the register has no record of it';
      refuse(`${store.what} belongs to another platform, or REGISTER_URL names another register: ${dir}`, store);
    }
    if (!adopts) return;
    // Taken: another role decides at the same time; what it decided is read then.
    await decide(register, store.name, own ?? randomUUID(), nowMs);
    return checkStore(register, store, nowMs, adopts);
  }
  const written = writtenKey(store.name, decided.n);
  if (own === undefined) {
    const wasWritten = (await register.read(z.unknown(), written)) !== null;
    if (wasWritten && !store.isRefilled) {
      const how = store.refill === undefined ? '' : `: "${store.refill}" brings back what it had`;
      refuse(`${store.what} is empty, and was not${how}`, store);
    }
    if (!adopts || store.writeId === null) return;
    await store.writeId(decided.id);
  } else if (own !== decided.id) {
    const how = store.replace === undefined ? '' : `: if that one is lost, "${store.replace}" goes on with this one`;
    refuse(`${store.what} is another one (${own}) than the one on record (${decided.id})${how}`, store);
  }
  if (adopts) await register.create(written, { at: iso(nowMs) });
}

/** Has the next start take the store that it finds, whatever is in it. */
export const acceptStore = (register: Register, name: StoreName, nowMs: number): Promise<void> =>
  decide(register, name, null, nowMs);

/** From now on the store with this id is the one of this platform, in the place of the one on record. */
export const replaceStore = (register: Register, name: StoreName, id: string, nowMs: number): Promise<void> =>
  decide(register, name, id, nowMs);

async function decide(register: Register, name: StoreName, id: string | null, nowMs: number): Promise<void> {
  const last = (await register.list(keyOf(name))).at(-1);
  const n = last === undefined ? 1 : Number(last.split('/').at(-1)) + 1;
  await register.create(`${keyOf(name)}${numbered(n)}`, { id, at: iso(nowMs) });
}

/** The id of the store of this platform; null: the next one that is seen is taken. */
export const idOnRecord = async (register: Register, name: StoreName): Promise<string | null> =>
  (await lastDecided(register, name))?.id ?? null;

/** Since when that id is on record, epoch ms; 0: it never was. */
export const onRecordSince = async (register: Register, name: StoreName): Promise<number> =>
  Date.parse((await lastDecided(register, name))?.at ?? iso(0));

async function lastDecided(
  register: Register,
  name: StoreName,
): Promise<{ id: string | null; at: string; n: string } | null> {
  const key = (await register.list(keyOf(name))).at(-1);
  const record = key === undefined ? null : await register.read(storeRecord, key);
  return record === null ? null : { ...record, n: key?.split('/').at(-1) ?? '' };
}

function refuse(what: string, { setting }: Store): never {
  throw new RefusedError(`${setting}: ${what}; ${HOW}`);
}
