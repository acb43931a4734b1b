import { Counter, Gauge, type Registry } from 'prom-client';
import { topicPartition } from '../../domain/names.ts';
import { rejectedByReason } from '../../infra/rejected_by_reason.ts';
import { stageSeconds } from '../../infra/stage_seconds.ts';
import type { RejectedCounts } from './archiver.ts';
import type { Manifest } from './files/manifest.ts';

export class ArchiveMetrics {
  readonly #clicks: Counter;
  readonly #rejected: Counter<'reason'>;
  readonly #files: Counter;
  readonly #offset: Gauge<'topic_partition'>;
  readonly #stopped: Gauge<'topic_partition'>;
  readonly #archived: (appendedMs: number) => void;

  constructor(registry: Registry, nowMs: () => number) {
    const registers = [registry];
    const labelNames = ['topic_partition'] as const;
    this.#archived = stageSeconds(registry, 'archived', nowMs);
    this.#clicks = new Counter({ name: 'clickledger_archive_clicks_total', help: 'clicks archived', registers });
    this.#rejected = rejectedByReason(registry, 'clickledger_archive_rejected_total', 'invalid messages, not archived');
    this.#files = new Counter({ name: 'clickledger_archive_files_total', help: 'Parquet files written', registers });
    this.#offset = new Gauge({ name: 'clickledger_archive_offset', help: 'archived up to', labelNames, registers });
    this.#stopped = new Gauge({
      name: 'clickledger_archive_partition_stopped',
      help: '1 for a partition that is not archived any more until somebody mends what "status" names',
      labelNames,
      registers,
    });
  }

  archived({ topic, partition, to, rows, files, last }: Manifest, rejected: RejectedCounts): void {
    this.#clicks.inc(rows);
    for (const [reason, count] of rejected) this.#rejected.inc({ reason }, count);
    this.#files.inc(files.length);
    if (last) this.#archived(last.time_ms);
    this.#offset.set({ topic_partition: topicPartition(topic, partition) }, to);
  }

  stopped(topic_partition: string): void {
    this.#stopped.set({ topic_partition }, 1);
  }
}
