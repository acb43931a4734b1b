import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import type { Register } from '../../infra/register/register.ts';
import { sql } from '../../infra/sql.ts';
import { keyOfEvent, LEDGER, type LedgerRow, ledgerRow } from './ledger_row.ts';

const SQL = {
  copy: sql('clickhouse/queries/ledger_copy.sql'),
  register: sql('clickhouse/queries/ledger_copy_register.sql'),
};

/** Says that the register has a ledger, and its id, which rows of the copy in ClickHouse carry. */
const IMPORTED = `${LEDGER}imported`;
const imported = z.object({ id: z.string() });
const ofRegister = z.object({ register: z.string() });

/** Copies have what the register does not: it is older than they are, or another one. */
export class RegisterBehindError extends Error {
  /** What which copy has. */
  readonly what: string;

  constructor(what: string) {
    super(`${what}. Nothing is published until that is mended: ${MEND}`);
    this.what = what;
  }
}
export const MEND =
  'put the right register back (REGISTER_URL), or bring this one forward: "./clickledger restore --register" ' +
  '(with --dry-run it only shows what it would add)';

/**
 * The id of the register's ledger. A register that has none yet is that of a new platform, or of one from before there
 * was a register: it takes over the rows of ads.ledger, once; killed meanwhile, it is repeated. Rows that carry the id of
 * a register are from one that is lost: then it throws.
 */
export async function ledgerId(register: Register, clickhouse: ClickHouseClient): Promise<string> {
  const known = await register.read(imported, IMPORTED);
  if (known !== null) return known.id;
  const other = await registerOfCopy(clickhouse);
  if (other !== null)
    throw new RegisterBehindError(`the register has no ledger, and ClickHouse's ads.ledger was written from ${other}`);
  await createEvents(register, await copiedRows(clickhouse, null));
  return startLedger(register, randomUUID());
}

/** Returns the register's id: that of who was first. */
export async function startLedger(register: Register, id: string): Promise<string> {
  await register.create(IMPORTED, { id });
  const made = await register.read(imported, IMPORTED);
  if (made === null) throw new Error(`${IMPORTED} was created in the register, and is not there`);
  return made.id;
}

/** Creates the events that the register lacks. */
export async function createEvents(register: Register, rows: LedgerRow[]): Promise<void> {
  for (const row of rows) await register.create(keyOfEvent(row.date, row.seq), row);
}

/** The register that rows of the copy carry the id of; null: of none. */
export async function registerOfCopy(clickhouse: ClickHouseClient): Promise<string | null> {
  const [newest] = await rowsOf(clickhouse, ofRegister, SQL.register);
  return newest?.register ?? null;
}

/** Rows of ads.ledger, of a day or of all. Of two with one number the later comes first. */
export const copiedRows = (clickhouse: ClickHouseClient, day: string | null): Promise<LedgerRow[]> =>
  rowsOf(clickhouse, ledgerRow, SQL.copy, { day });
