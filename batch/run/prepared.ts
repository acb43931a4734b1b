import type { ConservationRule } from '../../domain/reconciliation.ts';
import type { LedgerEvent } from './ledger_row.ts';
import type { Counted } from './run_files.ts';

/** The ledger's figures of a run's count. */
export type Figures = Pick<
  LedgerEvent,
  | 'clicks'
  | 'copies_dropped'
  | 'late_included'
  | 'inputs'
  | 'difference'
  | 'conflicts'
  | 'annotation_conflicts'
  | 'previous_run'
  | 'change'
>;

export interface Prepared {
  counted: Counted;
  /** Hive's files of the run. */
  files: string[];
  figures: Figures;
  rules: ConservationRule[];
}
