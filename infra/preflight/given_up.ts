import type { Register } from '../register/register.ts';
import { lostEngine, openRestore } from '../register/restores.ts';
import { idOnRecord } from './stores.ts';

/** A Kafka that is given up because it was lost, until the platform works with another one. */
interface GivenUpKafka {
  /** The number of the restore. */
  restore: number;
  /** Its id; null: none was on record. */
  lost: string | null;
  /** The id of the one that takes its place; null: that has not been seen yet. */
  successor: string | null;
}

/** Null: none is. */
export async function givenUpKafka(register: Register): Promise<GivenUpKafka | null> {
  const restore = await openRestore(register, 'kafka');
  if (restore === null) return null;
  const lost = await lostEngine(register, 'kafka', restore);
  const id = await idOnRecord(register, 'kafka');
  return { restore, lost, successor: id === lost ? null : id };
}
