import { Counter, type Registry } from 'prom-client';
import { REJECT_REASONS } from '../domain/click/click.ts';

/** Begins with each reason at 0: Prometheus takes the first value that it sees of a series for no increase. */
export function rejectedByReason(metrics: Registry, name: string, help: string): Counter<'reason'> {
  const rejected = new Counter({ name, help, labelNames: ['reason'], registers: [metrics] });
  for (const reason of REJECT_REASONS) rejected.inc({ reason }, 0);
  return rejected;
}
