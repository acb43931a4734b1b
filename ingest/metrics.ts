import { Counter, Gauge, type Registry } from 'prom-client';
import type { RejectReason } from '../domain/click/click.ts';

export interface IngestMetrics {
  files: Pick<Gauge, 'set'>;
  unreadBytes: Pick<Gauge, 'set'>;
  /** Counts acknowledged lines. */
  count(clicks: number, rejected: ReadonlyMap<RejectReason, number>): void;
}

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const clicks = new Counter({
    name: 'clickledger_ingest_clicks_total',
    help: 'Log lines sent as clicks',
    registers,
  });
  const rejected = new Counter({
    name: 'clickledger_ingest_rejected_total',
    help: 'Log lines that are not valid clicks',
    labelNames: ['reason'],
    registers,
  });
  return {
    files: new Gauge({ name: 'clickledger_ingest_files', help: 'Log files being followed', registers }),
    unreadBytes: new Gauge({
      name: 'clickledger_ingest_unread_bytes',
      help: 'Bytes of log files not yet read at the last scan',
      registers,
    }),
    count(clickCount, reasons) {
      clicks.inc(clickCount);
      for (const [reason, count] of reasons) rejected.inc({ reason }, count);
    },
  };
}
