import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './wait.ts';

const SAMPLE_MS = 300;
const AT_REST = 0.25;

/** Processor time that the whole machine has used since boot, in seconds. */
export function busySeconds(): number {
  const totals = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return totals.reduce((sum, ms) => sum + ms, 0) / 1_000;
}

/** The share of the machine's processors that so much processor time takes. */
export const shareOf = (busy: number, seconds: number): number => busy / seconds / cpus().length;

async function busyShare(): Promise<number> {
  const before = busySeconds();
  await delay(SAMPLE_MS);
  return shareOf(busySeconds() - before, SAMPLE_MS / 1_000);
}

/** What is measured next is not to pay for what was done before, such as closing a browser window. */
export const machineAtRest = (): Promise<boolean> =>
  eventually(`three quarters of the machine idle`, async () => (await busyShare()) < AT_REST, 120_000);
