import type { EngineName } from '../infra/setup/engines.mjs';
import type { BenchSite } from './site.ts';

export type Side = 'ours' | 'peer';

/** What one process used while something was measured; its children included. */
export interface Usage {
  cpuSeconds: number;
  peakBytes: number;
}

/** What was measured of something that took so long. */
export interface Metered {
  seconds: number;
  processes: Record<string, Usage>;
  /** Share of the machine's processor time that went to anything else, from 0 to 1. */
  taken: number;
}

/** One measured step of a round: so many rows in so many seconds. */
export interface Phase extends Metered {
  name: string;
  rows: number;
}

/** One side, once. Its phases ran one after the other. */
export interface Round {
  phases: Phase[];
  /** Other figures worth comparing, by name. */
  facts: Record<string, number>;
}

export interface ProcessSummary {
  cpu_seconds_per_million: number;
  peak_rss_mb: number;
}

export interface PhaseSummary {
  rows_per_second: number;
  /** Of every round, in order. */
  rounds: number[];
  cpu_seconds_per_million: number;
  /** Share of the machine that went to others. */
  taken: number;
  processes: Record<string, ProcessSummary>;
}

/** Medians over the rounds; of memory the highest peak. */
export interface Summary {
  /** "ours", "peer", or the name that the benchmark gave it among several. */
  name: string;
  what: string;
  /** All phases one after the other. */
  rows_per_second: number;
  cpu_seconds_per_million: number;
  phases: Record<string, PhaseSummary>;
  facts: Record<string, number>;
}

/** How ours relates to something beside it: always ours ÷ it. */
export interface Ratios {
  /** In rows per second, of all phases together. */
  ratio: number;
  /** The same of each phase, of each pair of rounds, and in CPU-seconds per million. */
  ratios: Record<string, { rows_per_second: number; pairs: number[]; cpu_seconds: number }>;
}

export interface Comparison extends Ratios {
  ours: Summary;
  peer: Summary;
  /** What else was measured beside ours, by name. */
  others: Record<string, Summary & Ratios>;
}

export interface BenchTarget {
  what: string;
  value: number;
  atLeast?: number;
  atMost?: number;
}

export interface Work {
  /** Of a round. */
  rows: number;
  ads: number;
  report(line: string): void;
}

export type RunRound = () => Promise<Round>;

export interface Runs {
  ours: RunRound;
  /** One; or several by name, of which that with most rows per second becomes the peer, the rest are among the others. */
  peer: RunRound | Record<string, RunRound>;
  /** What is measured too, by name, and is never the peer: a floor, a ceiling. It has the same phases. */
  others?: Record<string, RunRound>;
}

export interface Against {
  ref: string;
  commit: string;
}

export interface Benchmark {
  name: string;
  /** One line. */
  about: string;
  sides: Record<Side, string>;
  engines: readonly EngineName[];
  /** A folder of files that ClickHouse merges into its configuration here: what a peer needs. */
  clickhouseConfig?: URL;
  /** Of a round, at scale 1. */
  rows: number;
  /** A round is so long that each side has one, and no warm-up. */
  once?: boolean;
  /** So many rounds of each side after the warm-up, however long they take. */
  rounds?: number;
  /** The commit whose code is the peer. */
  against?: Against;
  /** Whether `--ads` says how many ads share the clicks evenly; else the mix is part of what is measured. */
  takesAds?: boolean;
  /** Makes the data; returns what runs one round of each side on them. */
  prepare(site: BenchSite, work: Work): Promise<Runs>;
  targets(comparison: Comparison): BenchTarget[];
}
