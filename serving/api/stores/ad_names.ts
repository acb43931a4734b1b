import type { AdName } from '../../../domain/ad_names.ts';
import { bringNames, type CopiedRevision, NamesBehindError } from '../../../infra/ad_names/copy.ts';
import { namesRevisions, storedName } from '../../../infra/ad_names/revisions.ts';
import type { ClickHouseClient } from '../../../infra/clients/clickhouse.ts';
import type { Register } from '../../../infra/register/register.ts';
import { sql } from '../../../infra/sql.ts';
import { withTimeout } from '../../../infra/with_timeout.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { Problem } from '../contract/problem.ts';
import { memoizeByObject } from './cached_read.ts';
import { coalesce } from './coalesce.ts';
import { ENGINE_LIMIT_MS, queryRowsOf, type Stores } from './engines.ts';

const OF_ADS = sql('clickhouse/queries/ad_names_of_ads.sql');

/** Where names of ads are decided, and the stores with the copy that questions are answered from. */
export interface NamesSite {
  stores: Pick<Stores, 'clickhouse'>;
  register: Register;
}

/** While names are being brought, everybody who comes waits for the next turn and shares it. */
const bringerOf = memoizeByObject((register: Register) =>
  coalesce<ClickHouseClient, CopiedRevision[]>(10_000, async (asked) => {
    const [clickhouse] = asked as [ClickHouseClient];
    const revisions = await bringNames({ register, clickhouse });
    return asked.map(() => revisions);
  }),
);

/** All revisions of names, in order, each whole in ads.ad_names. Throws a Problem if that cannot be brought about. */
export async function readyRevisions({ stores: { clickhouse }, register }: NamesSite): Promise<CopiedRevision[]> {
  // A register that cannot be read is told from a ClickHouse that does not answer.
  await ofRegister(() => namesRevisions(register));
  const brought = bringerOf(register)('', clickhouse, new AbortController().signal);
  try {
    return await withTimeout(brought, ENGINE_LIMIT_MS, () => {
      throw new Error(`names of ads were not brought to it in ${ENGINE_LIMIT_MS / 1_000} s`);
    });
  } catch (error) {
    if (error instanceof NamesBehindError) throw unreadable(error);
    throw new EngineFailure('clickhouse', error);
  }
}

/** The number of the last revision that was known at a time; 0: there was none. */
export async function namesRevision(site: NamesSite, asOfMs: number | null): Promise<number> {
  const revisions = await readyRevisions(site);
  return revisions.findLast(({ recorded_ms }) => asOfMs === null || recorded_ms <= asOfMs)?.revision ?? 0;
}

export async function ofRegister<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(error);
  }
}

const unreadable = (cause: unknown): Problem =>
  new Problem(
    503,
    'register-unavailable',
    'Names of ads cannot be read now',
    cause instanceof NamesBehindError ? cause.message : 'the register, which has the names of ads, cannot be used',
    {},
    cause,
  );

/** ClickHouse's limit for one parameter is 128 KiB, with characters that are written as two. */
const BYTES_PER_QUERY = 48 * 1024;

/** The names of each of these ads, as known with a revision; an ad without names is absent. */
export async function readNames(
  stores: Pick<Stores, 'clickhouse'>,
  ads: Iterable<string>,
  revision: number,
  signal: AbortSignal,
): Promise<Map<string, AdName[]>> {
  const names = new Map<string, AdName[]>();
  if (revision === 0) return names;
  // In the order of the table, so that each group reads its part of it and no more.
  for (const group of groupsOf([...ads].sort())) {
    const params = { ads: group, names_revision: revision };
    for (const row of await queryRowsOf(stores, storedName, OF_ADS, params, signal)) {
      const ofAd = names.get(row.ad_id);
      if (ofAd) ofAd.push(row);
      else names.set(row.ad_id, [row]);
    }
  }
  return names;
}

function groupsOf(ads: Iterable<string>): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const ad of ads) {
    const bytes = Buffer.byteLength(ad) + 4;
    if (bytes > room) {
      groups.push([]);
      room = BYTES_PER_QUERY;
    }
    groups.at(-1)?.push(ad);
    room -= bytes;
  }
  return groups;
}
