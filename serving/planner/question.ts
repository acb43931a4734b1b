import type { EventKind } from '../../domain/event_kinds.ts';
import type { Filter } from '../../domain/filters/filter.ts';
import type { FilterRevision } from '../../domain/filters/filter_revision.ts';
import type { PublishedRun } from '../../domain/receipt.ts';

/** `[fromMs, toMs)` and the clicks in it that are counted. */
export interface Question {
  /** null: all ads. */
  adId: string | null;
  /** If all ads, only those whose ids begin with one of these; absent: all of them. */
  adPrefixes?: readonly string[];
  /** If all ads, only these; absent: all of them. */
  adIds?: readonly string[];
  fromMs: number;
  toMs: number;
  /** All conditions together, including those of a registered filter. */
  filter: Filter;
  /** The registered filter whose rows, narrowed by `filter.country`, give the answer; null: there is none. */
  registered: FilterRevision | null;
  /** Only what was known then counts: clicks that had arrived, runs that were current. null: everything known now. */
  asOfMs: number | null;
}

/** What Elasticsearch can answer, as recorded by the indexer. */
export interface SearchState {
  /** Whose indexes they are. */
  event: EventKind;
  /** All rows of the minutes before it are searchable; null: not known, or Elasticsearch does not answer. */
  boundaryMs: number | null;
  /** Complete indexes: real-time ones up to the boundary, those of runs entirely. */
  heldIndexes: ReadonlySet<string>;
  /** Days whose real-time index was deleted to make room: only ClickHouse can answer for them. */
  givenUp: ReadonlySet<string>;
  /**
   * Real time before it comes from ClickHouse only: messages with rows of those days never reached Elasticsearch. The
   * start of a day; null: that never happened.
   */
  seenFromMs: number | null;
  /**
   * `filterId.revision` → the first minute for which the real-time indexes have the filter's rows, up to the boundary.
   */
  filtersSince: ReadonlyMap<string, number>;
}

export interface ServingState extends SearchState {
  /** By day; from one read of the ledger. */
  published: ReadonlyMap<string, PublishedRun>;
}

/** ClickHouse has everything, so that any question can be planned without Elasticsearch. */
export const NO_SEARCH: SearchState = {
  // There are no indexes, of any kind.
  event: 'click',
  boundaryMs: null,
  heldIndexes: new Set(),
  givenUp: new Set(),
  seenFromMs: null,
  filtersSince: new Map(),
};

export type AdQuestion = Question & { adId: string };
