import { Counter, Gauge, type Registry } from 'prom-client';
import type { RejectReason } from '../domain/click/click.ts';
import { rejectedByReason } from '../infra/rejected_by_reason.ts';
import type { LineTotals } from './checkpoint.ts';

export interface IngestMetrics {
  files: Pick<Gauge, 'set'>;
  unreadBytes: Pick<Gauge, 'set'>;
  /**
   * Counts acknowledged lines.
   * @param leftOut annotations of their events that were not sent
   */
  count(totals: LineTotals, leftOut: number, rejected: ReadonlyMap<RejectReason, number>): void;
}

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const counter = (what: string, help: string) =>
    new Counter({ name: `clickledger_ingest_${what}_total`, help, registers });
  const clicks = counter('clicks', 'Log lines sent as clicks');
  const impressions = counter('impressions', 'Log lines sent as impressions');
  const conversions = counter('conversions', 'Log lines sent as conversions');
  const skipped = counter('skipped', 'Log lines passed over: events of a kind that EVENT_KINDS does not name');
  const annotationsLeftOut = counter('annotations_left_out', 'Annotations of events that were not sent with them');
  const name = 'clickledger_ingest_rejected_total';
  const rejected = rejectedByReason(registry, name, 'Log lines that are not valid events');
  return {
    files: new Gauge({ name: 'clickledger_ingest_files', help: 'Log files being followed', registers }),
    unreadBytes: new Gauge({
      name: 'clickledger_ingest_unread_bytes',
      help: 'Bytes of log files not yet read at the last scan',
      registers,
    }),
    count(totals, leftOut, reasons) {
      clicks.inc(totals.clicks);
      impressions.inc(totals.impressions);
      conversions.inc(totals.conversions);
      skipped.inc(totals.skipped);
      annotationsLeftOut.inc(leftOut);
      for (const [reason, count] of reasons) rejected.inc({ reason }, count);
    },
  };
}
