import { Gauge, type Registry } from 'prom-client';
import { openFindings } from './findings.ts';
import type { Register } from './register.ts';

/** What is said instead of findings when the register does not answer. */
export const REGISTER_UNREADABLE = 'register_unreadable';

/** Counts the open findings whenever the metrics are read. */
export function countFindings(register: Register, metrics: Registry): void {
  new Gauge({
    name: 'clickledger_findings',
    help: 'open findings by code: what makes answers wrong or would have; above 0 somebody must act',
    labelNames: ['code'],
    registers: [metrics],
    async collect() {
      const codes = await openFindings(register).then(
        (found) => found.map(({ code }) => code),
        () => [REGISTER_UNREADABLE],
      );
      this.reset();
      for (const code of codes) this.inc({ code });
    },
  });
}
