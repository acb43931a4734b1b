import type { Log } from '../../../infra/log.ts';
import type { Clock } from '../../planner/tops.ts';
import type { Stores } from '../stores/engines.ts';
import type { ReadFindings } from './warnings.ts';

/** What every question is answered with. */
export interface QuestionContext {
  stores: Stores;
  /** Its own queries go to this one: the one of `stores` for quick questions, or for slow ones. */
  clickhouse: Stores['clickhouse'];
  /** What is known to be missing or in doubt. */
  readFindings: ReadFindings;
  /** The time of the question, and the lateness that the watermark allows for. */
  clock: Clock;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Made when something is logged, which is seldom. */
  log: () => Log;
}
