import type { EventKind } from '../domain/event_kinds.ts';
import type { EngineName } from '../infra/setup/engines.mjs';
import type { LineFormat } from '../infra/traffic/lines.ts';
import type { BenchSite } from './site.ts';

export type Side = 'ours' | 'peer';

/** Resources used by one process during a measurement, including its children. */
export interface Usage {
  cpuSeconds: number;
  peakBytes: number;
}

/** A measurement and its duration. */
export interface Metered {
  seconds: number;
  processes: Record<string, Usage>;
  /** Share of the machine's processor time used by other processes, from 0 to 1. */
  taken: number;
}

/** One measured step of a round: rows and seconds. */
export interface Phase extends Metered {
  name: string;
  rows: number;
}

/** One round of one side. Its phases ran one after the other. */
export interface Round {
  phases: Phase[];
  /** Other comparable figures, by name. */
  facts: Record<string, number>;
}

export interface ProcessSummary {
  cpu_seconds_per_million: number;
  peak_rss_mb: number;
}

export interface PhaseSummary {
  rows_per_second: number;
  /** Values of all rounds, in order. */
  rounds: number[];
  cpu_seconds_per_million: number;
  /** Share of the machine used by others. */
  taken: number;
  processes: Record<string, ProcessSummary>;
}

/** Medians over the rounds; for memory the highest peak. */
export interface Summary {
  /** "ours", "peer", or the benchmark's name for one of several. */
  name: string;
  what: string;
  /** All phases one after the other. */
  rows_per_second: number;
  cpu_seconds_per_million: number;
  phases: Record<string, PhaseSummary>;
  facts: Record<string, number>;
}

/** Ratios to another side: always ours ÷ other. */
export interface Ratios {
  /** In rows per second, over all phases. */
  ratio: number;
  /** The ratio for each phase, for each pair of rounds, and in CPU-seconds per million. */
  ratios: Record<string, { rows_per_second: number; pairs: number[]; cpu_seconds: number }>;
}

export interface Comparison extends Ratios {
  ours: Summary;
  peer: Summary;
  /** Other measured sides, by name. */
  others: Record<string, Summary & Ratios>;
}

export interface BenchTarget {
  what: string;
  value: number;
  atLeast?: number;
  atMost?: number;
}

export interface Work {
  /** Rows per round. */
  rows: number;
  ads: number;
  /** The form of log lines, if the benchmark takes one. */
  format: LineFormat;
  report(line: string): void;
}

export type RunRound = () => Promise<Round>;

export interface Runs {
  ours: RunRound;
  /**
   * One; or several by name, of which the one with most rows per second becomes the peer, the rest are listed as
   * others.
   */
  peer: RunRound | Record<string, RunRound>;
  /** Sides that are measured but never the peer, by name: a floor, a ceiling. They have the same phases. */
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
  /** A folder of files that ClickHouse merges into its configuration here: required by a peer. */
  clickhouseConfig?: URL;
  /** Rows per round, at scale 1. */
  rows: number;
  /** A round is so long that each side has one, without a warm-up. */
  once?: boolean;
  /** Fixed number of rounds of each side after the warm-up, however long they take. */
  rounds?: number;
  /** The commit whose code is the peer. */
  against?: Against;
  /** Whether `--ads` sets the number of ads that share the clicks evenly; else the mix is part of the benchmark. */
  takesAds?: boolean;
  /** Whether `--format` says how its log lines are written. */
  takesFormat?: boolean;
  /** Kinds of events that its roles work on; clicks alone if absent. */
  eventKinds?: readonly EventKind[];
  /** Prepares the data; returns functions that run one round of each side on them. */
  prepare(site: BenchSite, work: Work): Promise<Runs>;
  targets(comparison: Comparison): BenchTarget[];
}
