import { readStatus } from '../../audit/status.ts';
import { compareAll } from '../compare_stores.ts';
import type { Site } from './site.ts';

/** Whether the numbers are right, or what keeps them from being compared or is wrong with them. */
export interface Numbers {
  exact: boolean;
  /** Whether everything is counted, so that differences are not just what is still to come. */
  isSettled: boolean;
  why: string;
}

/** Compares every store with what was written, once nothing is under way any more. */
export async function readNumbers(site: Site): Promise<Numbers> {
  const not = (why: string, isSettled = false): Numbers => ({ exact: false, isSettled, why });
  if (!site.isRunning) return not('the platform does not run');
  try {
    await site.requestArchived();
    const { ready, processes, stages } = await readStatus(site.config);
    const read = stages.find(({ name }) => name === 'ingest')?.in ?? 0;
    const away = processes.filter(({ state }) => state !== 'ready').map(({ name }) => name);
    const behind = stages.filter(({ name, lag }) => lag > 0 && name !== 'nightly');
    if (!ready) return not(`not ready: ${away.join(', ') || 'an engine or the API'}`);
    if (read < site.known.lines) return not(`${read} of ${site.known.lines} lines read`);
    if (behind.length > 0)
      return not(behind.map(({ event, name, lag }) => `${event} ${name} ${lag} behind`).join(', '));
    const compared = await compareAll(site.config, site.known.facts, site.ended, 'answers');
    const wrong = compared.filter(({ lost, doubled }) => lost + doubled > 0);
    const why = wrong.map(({ event, store, lost, doubled }) => `${event} ${store}: ${lost} lost, ${doubled} doubled`);
    return { exact: wrong.length === 0, isSettled: true, why: why.join('; ') };
  } catch (error) {
    return not(error instanceof Error ? error.message : String(error));
  }
}
