import { z } from 'zod';
import type { AdName } from '../../domain/ad_names.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../clients/clickhouse.ts';
import type { Register } from '../register/register.ts';
import { sql } from '../sql.ts';
import {
  createNamesRevision,
  type NamesRevision,
  namesRevisions,
  partsOf,
  readNamesRevision,
  storedName,
} from './revisions.ts';

const COPIED = sql('clickhouse/queries/ad_name_revisions.sql');
const OF_REVISION = sql('clickhouse/queries/ad_names_of_revision.sql');

/** Where names of ads are decided, and the engine with the copy that questions are answered from. */
interface NamesSite {
  register: Register;
  clickhouse: ClickHouseClient;
}

const copiedRevision = z.object({
  revision: z.int().min(1),
  change: z.uuid(),
  entries: z.int().min(1),
  recorded_ms: z.int(),
  recorded_by: z.string(),
});
export type CopiedRevision = z.infer<typeof copiedRevision>;

/** Says that the register has the revisions from before it was there. */
const IMPORTED = 'ad-names/imported';

/** ads.ad_names has a revision that the register does not have. */
export class NamesBehindError extends Error {
  constructor(revision: number) {
    super(
      `ads.ad_names has revision ${revision}, which the register does not have: put the right register back ` +
        '(REGISTER_URL), or bring this one forward: ./clickledger restore --register (with --dry-run it only shows what ' +
        'it would add)',
    );
  }
}

/**
 * Brings ads.ad_names forward to the register, and returns all revisions in order: rows of these are whole. A register
 * that was never used takes over what is there. Throws NamesBehindError if the copy has what the register does not.
 */
export async function bringNames(site: NamesSite): Promise<CopiedRevision[]> {
  const { register, clickhouse } = site;
  if ((await register.read(z.object({}), IMPORTED)) === null) {
    for (const copied of await namesAhead(site)) await takeOver(site, copied);
    await register.create(IMPORTED, {});
  }
  // The copy first: whatever is in it was in the register before.
  const copied = await copiedRevisions(clickhouse);
  const numbers = await namesRevisions(register);
  const known = new Set(numbers);
  const last = copied.at(-1);
  const lost = copied.find(({ revision }) => !known.has(revision));
  if (lost !== undefined) throw new NamesBehindError(lost.revision);
  if (last !== undefined && (await readNamesRevision(register, last.revision)).change !== last.change) {
    throw new NamesBehindError(last.revision);
  }
  const there = new Set(copied.map(({ revision }) => revision));
  const brought = [...copied];
  for (const revision of numbers.filter((number) => !there.has(number))) {
    brought.push(await copyRevision(site, revision));
  }
  return brought.sort((a, b) => a.revision - b.revision);
}

/** Revisions that ads.ad_names has and the register does not. */
export async function namesAhead({ register, clickhouse }: NamesSite): Promise<CopiedRevision[]> {
  const copied = await copiedRevisions(clickhouse);
  const known = new Set(await namesRevisions(register));
  return copied.filter(({ revision }) => !known.has(revision));
}

/** Gives the register a revision that only the copy has. */
export async function takeOver({ register, clickhouse }: NamesSite, copied: CopiedRevision): Promise<void> {
  const { revision, change, recorded_ms, recorded_by } = copied;
  const entries = await rowsOf(clickhouse, storedName, OF_REVISION, { revision });
  await createNamesRevision(register, revision, entries, { recorded_at: iso(recorded_ms), recorded_by }, change);
}

const copiedRevisions = (clickhouse: ClickHouseClient): Promise<CopiedRevision[]> =>
  rowsOf(clickhouse, copiedRevision, COPIED);

/** Rows of one insert: a large list takes few. */
const ROWS_AT_ONCE = 25_000;

/** Rows that are copied twice are the same, and count once. */
async function copyRevision({ register, clickhouse }: NamesSite, revision: number): Promise<CopiedRevision> {
  const record: NamesRevision = await readNamesRevision(register, revision);
  let rows: object[] = [];
  for await (const entries of partsOf(register, record)) {
    rows.push(...entries.map(rowOf(revision)));
    if (rows.length < ROWS_AT_ONCE) continue;
    await insert(clickhouse, 'ad_names', rows);
    rows = [];
  }
  if (rows.length > 0) await insert(clickhouse, 'ad_names', rows);
  const { change, entries, recorded_at, recorded_by } = record;
  await insert(clickhouse, 'ad_name_revisions', [{ revision, change, entries, recorded_at, recorded_by }]);
  return { revision, change, entries, recorded_ms: Date.parse(recorded_at), recorded_by };
}

const rowOf =
  (revision: number) =>
  ({ valid_from_s: valid_from, ...texts }: AdName) => ({ revision, valid_from, ...texts });

const insert = (clickhouse: ClickHouseClient, table: string, values: object[]): Promise<unknown> =>
  clickhouse.insert({ table, values, format: 'JSONEachRow', clickhouse_settings: { async_insert: 0 } });
