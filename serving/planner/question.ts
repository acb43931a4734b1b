import type { Filter } from '../../domain/filters/filter.ts';
import type { FilterRevision } from '../../domain/filters/filter_revision.ts';
import type { PublishedRun } from '../../domain/receipt.ts';

/** `[fromMs, toMs)` and the clicks in it that are asked for. */
export interface Question {
  /** null: all ads. */
  adId: string | null;
  /** Of all ads only those whose ids begin with one of these; without it, all of them. */
  adPrefixes?: readonly string[];
  fromMs: number;
  toMs: number;
  /** All conditions together, those of a registered filter among them. */
  filter: Filter;
  /** The registered filter whose own clicks, narrowed by `filter.country`, are those asked for; null: there is none. */
  registered: FilterRevision | null;
  /** Only what was known then counts: clicks that had arrived, runs that were current. null: all that is known now. */
  asOfMs: number | null;
}

/** What Elasticsearch can be asked, as the indexer recorded it. */
export interface SearchState {
  /** Every row of the minutes before it can be found; null: not known, or Elasticsearch does not answer. */
  boundaryMs: number | null;
  /** Indexes that are whole: real-time ones as far as the boundary, those of runs altogether. */
  heldIndexes: ReadonlySet<string>;
  /** Days whose real-time index went to make room: what it would say, only ClickHouse says. */
  givenUp: ReadonlySet<string>;
  /** `filterId.revision` → the minute from which on the real-time indexes have the rows of the filter, to the boundary. */
  filtersSince: ReadonlyMap<string, number>;
}

export interface ServingState extends SearchState {
  /** By day; from one reading of the ledger. */
  published: ReadonlyMap<string, PublishedRun>;
}

/** ClickHouse has everything, so that any question can be planned without Elasticsearch. */
export const NO_SEARCH: SearchState = {
  boundaryMs: null,
  heldIndexes: new Set(),
  givenUp: new Set(),
  filtersSince: new Map(),
};

export type AdQuestion = Question & { adId: string };
