import type { Receipt } from '../../../domain/receipt.ts';
import { iso } from '../../../domain/time.ts';
import type { Plan } from '../../planner/parts.ts';
import type { Range } from '../../planner/ranges.ts';
import type { IndexerState } from '../stores/search_state.ts';
import type { SideCounts } from './count.ts';

const bounds = (range: Range | null) => ({
  from: range && iso(range.fromMs),
  to: range && iso(range.toMs),
});

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Nothing was asked of any store: a part of the range is of days before the kind was first run. */
export const notRunReceipt = (state: Pick<IndexerState, 'watermarkMs' | 'boundaryMs'>): Receipt => ({
  status: 'not_run',
  batch: { count: null, ...bounds(null), runs: [] },
  realtime: { count: null, ...bounds(null) },
  watermark: isoOrNull(state.watermarkMs),
  boundary: isoOrNull(state.boundaryMs),
  late: null,
  sources: [],
});

export const receiptOf = (
  plan: Plan,
  counts: SideCounts,
  state: Pick<IndexerState, 'watermarkMs' | 'boundaryMs'>,
): Receipt => ({
  status: plan.status,
  batch: {
    count: counts.batch,
    ...bounds(plan.batch),
    runs: plan.runs.map(({ date, run }) => ({ date, run })),
  },
  realtime: { count: counts.realtime, ...bounds(plan.realtime) },
  watermark: isoOrNull(state.watermarkMs),
  boundary: isoOrNull(state.boundaryMs),
  late: counts.late,
  sources: plan.sources,
});
