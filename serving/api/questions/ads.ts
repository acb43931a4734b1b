import { TupleParam } from '@clickhouse/client';
import { z } from 'zod';
import { namesAt } from '../../../domain/ad_names.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { iso, SECOND_MS } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import { type Range, stretchesOf } from '../../planner/ranges.ts';
import { type NamesSite, namesRevision, readNames } from '../stores/ad_names.ts';
import { queryRowsOf, type Stores, slowly } from '../stores/engines.ts';
import { ALWAYS, readPublishedRuns } from '../stores/ledger.ts';
import { minuteBounds } from '../stores/query_params.ts';

/** The list of ads: those with events that are counted, of any kind that is run, and those with names. */

const NAMED = sql('clickhouse/ads/named.sql');
const OF_REALTIME = sql('clickhouse/ads/of_realtime.sql');
const OF_LAST_RUNS = sql('clickhouse/ads/of_last_runs.sql');
const OF_RUNS = sql('clickhouse/ads/of_runs.sql');

interface AdsAsked {
  prefix: string;
  limit: number;
  /** The id behind which the page begins; empty: the beginning. */
  after: string;
  /** Only ads that begin with one of these; empty: all. */
  adPrefixes: readonly string[];
}

interface ListedAd {
  ad_id: string;
  name: string | null;
  campaign: string | null;
  advertiser: string | null;
  first: string | null;
  last: string | null;
}

const ad = z.object({ ad_id: z.string() });
const span = z.object({ ad_id: z.string(), first_s: z.int(), last_s: z.int() });
type Span = z.infer<typeof span>;

/** Behind every id: these are shorter, and no character is behind this one. */
const LAST_ID = '\u{10FFFF}'.repeat(32);
/** Some of the last runs have most ads. */
const LAST_RUNS = 3;
/** A parameter of a query takes so many. */
const RUNS_AT_ONCE = 3_000;

/** A page of ads by the bytes of their ids; `first` and `last` are those of all kinds together. */
export async function listAds(
  site: NamesSite & { stores: Stores },
  kinds: readonly Stores[],
  asked: AdsAsked,
  nowMs: number,
  signal: AbortSignal,
): Promise<ListedAd[]> {
  const { stores } = site;
  const revision = await namesRevision(site, null);
  const params = { after: asked.after, prefix: asked.prefix, ad_prefixes: [...asked.adPrefixes], limit: asked.limit };
  const of = await Promise.all(kinds.map(async (kind) => ({ kind, published: await readPublishedRuns(kind, ALWAYS) })));
  const [named, realtime, ofLastRuns] = await Promise.all([
    queryRowsOf(slowly(stores), ad, NAMED, { ...params, names_revision: revision }, signal),
    Promise.all(of.map(({ kind, published }) => realtimeSpans(kind, published, params, signal))),
    Promise.all(of.map(({ kind, published }) => adsOfLastRuns(kind, published, params, signal))),
  ]);
  // Where one list is full, the page ends there at the latest: it has at least those ads.
  const ends = [named, ...realtime, ...ofLastRuns]
    .filter((list) => list.length === asked.limit)
    .map((list) => list.at(-1)?.ad_id ?? LAST_ID);
  const up_to = [LAST_ID, ...ends].reduce((least, id) => (compareIds(id, least) < 0 ? id : least));
  const ofRuns = await Promise.all(
    of.map(({ kind, published }) => runSpans(kind, published, { ...params, up_to }, signal)),
  );
  const spans = together([...realtime, ...ofRuns].flat());
  const ids = [...new Set([...spans.keys(), ...named.map(({ ad_id }) => ad_id)])]
    .sort(compareIds)
    .slice(0, asked.limit);
  const names = await readNames(stores, ids, revision, signal);
  return ids.map((ad_id) => {
    const { name, campaign, advertiser } = namesAt(names.get(ad_id) ?? [], nowMs / SECOND_MS);
    const found = spans.get(ad_id);
    return {
      ad_id,
      name: name || null,
      campaign: campaign || null,
      advertiser: advertiser || null,
      first: found ? iso(found.first_s * SECOND_MS) : null,
      last: found ? iso(found.last_s * SECOND_MS) : null,
    };
  });
}

const compareIds = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function together(spans: Span[]): Map<string, Span> {
  const byAd = new Map<string, Span>();
  for (const one of spans) {
    const known = byAd.get(one.ad_id) ?? one;
    const [first_s, last_s] = [Math.min(known.first_s, one.first_s), Math.max(known.last_s, one.last_s)];
    byAd.set(one.ad_id, { ad_id: one.ad_id, first_s, last_s });
  }
  return byAd;
}

type Params = Record<string, unknown>;
type Published = ReadonlyMap<string, PublishedRun>;

function realtimeSpans(stores: Stores, published: Published, params: Params, signal: AbortSignal): Promise<Span[]> {
  const ranges = stretchesOf(ALWAYS, published).filter(({ run }) => run === null);
  const text = OF_REALTIME.replace('{ranges}', ranges.map((_, n) => rangeText(n)).join(' OR '));
  return queryRowsOf(slowly(stores), span, text, { ...params, ...rangeParams(ranges) }, signal);
}

/** One condition for each range, so that the primary key tells what to read. */
const rangeText = (n: number): string =>
  `click_minute >= toDateTime({from${n}_s:UInt32}, 'UTC') AND click_minute < toDateTime({to${n}_s:UInt32}, 'UTC')`;

function rangeParams(ranges: Range[]): Params {
  return Object.fromEntries(
    ranges.flatMap((range, n) => {
      const { from_s, to_s } = minuteBounds(range);
      return [
        [`from${n}_s`, from_s],
        [`to${n}_s`, to_s],
      ];
    }),
  );
}

const inOrder = (published: Published): TupleParam[] =>
  [...published.values()]
    .sort((a, b) => (a.date < b.date ? -1 : 1))
    .map(({ date, run }) => new TupleParam([date, run]));

async function adsOfLastRuns(stores: Stores, published: Published, params: Params, signal: AbortSignal) {
  const runs = inOrder(published).slice(-LAST_RUNS);
  return runs.length === 0 ? [] : queryRowsOf(slowly(stores), ad, OF_LAST_RUNS, { ...params, runs }, signal);
}

async function runSpans(stores: Stores, published: Published, params: Params, signal: AbortSignal): Promise<Span[]> {
  const all = inOrder(published);
  const spans: Span[] = [];
  for (let at = 0; at < all.length; at += RUNS_AT_ONCE) {
    const runs = all.slice(at, at + RUNS_AT_ONCE);
    spans.push(...(await queryRowsOf(slowly(stores), span, OF_RUNS, { ...params, runs }, signal)));
  }
  return spans;
}
