import type { EventKind } from '../../domain/event_kinds.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Hive } from '../../infra/clients/hive.ts';
import type { Admin, BrokerClock, Producer } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import type { Register } from '../../infra/register/register.ts';
import type { Duck } from '../archive/files/duckdb.ts';
import type { Step } from './step.ts';
import type { Turns } from './turns.ts';

/** Told of what runs do, for metrics. */
export interface RunWatch {
  step(step: Step, tookMs: number): void;
  reconciled(report: Reconciliation): void;
}

/** Clients and settings for making runs. */
export interface BatchEngines {
  archiveDir: string;
  register: Register;
  /** The kind that runs are made of; what follows is its own. */
  event: EventKind;
  topics: { clicks: string[]; adMinutes: string };
  /** The group whose committed offsets say what the real-time path has counted. */
  sinkGroup: string;
  admin: Admin;
  producer: Producer;
  /** The broker's clock: clicks arrive by it. */
  clock: Pick<BrokerClock, 'read' | 'reading'>;
  clickhouse: ClickHouseClient;
  elasticsearch: ElasticsearchClient;
  connectHive(): Promise<Hive>;
  duck: Duck;
  /** Counts of all kinds that this process makes in Hive. */
  turns: Pick<Turns, 'run'>;
  /** A day with more rows is counted in slices by hour; null: always at once. */
  sliceRows: number | null;
  /** How late a click may be; clocks that differ by more are not trusted with the end of a day. */
  allowedLatenessMs: number;
  /** A run with more unexplained clicks (in absolute numbers) is not published. */
  reconcileLimit: number;
  watch?: RunWatch;
  log: Log;
  /** Aborted when the process must end: work stops where it is and is resumed by the next process. */
  signal: AbortSignal;
}

export async function withBatchHive<T>(
  { connectHive, signal }: Pick<BatchEngines, 'connectHive' | 'signal'>,
  work: (hive: Hive) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const hive = await connectHive();
  const end = () => void hive.close();
  signal.addEventListener('abort', end);
  try {
    return await work(hive);
  } finally {
    signal.removeEventListener('abort', end);
    await hive.close();
  }
}
