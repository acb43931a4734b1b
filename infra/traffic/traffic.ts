import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventKind } from '../../domain/event_kinds.ts';
import { type SampleOptions, sampleLines } from './lines.ts';
import { sampleVisits } from './visits.ts';

const TICK_MS = 100;

interface TrafficOptions extends SampleOptions {
  file: string;
  /** Events of the kind per second: clicks, unless another is named. */
  rate: number;
  /** Other kinds, of which what belongs to each click is written too. */
  beside?: readonly EventKind[];
  /** Infinity: until the signal. */
  seconds: number;
  signal?: AbortSignal;
}

/**
 * Appends sample events with the current time to a log at a steady rate. The log may be rotated meanwhile: it is
 * reopened for each write.
 */
export async function writeTraffic({
  file,
  rate,
  seconds,
  signal,
  beside = [],
  ...sample
}: TrafficOptions): Promise<{ lines: number }> {
  await mkdir(dirname(file), { recursive: true });
  const nextText = textOf(sample, beside);
  const startMs = performance.now();
  const total = Math.round(rate * seconds);
  let [events, lines] = [0, 0];
  while (events < total && !signal?.aborted) {
    const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1000) * rate));
    let text = '';
    for (; events < due; events++) {
      const next = nextText(Date.now());
      text += next.text;
      lines += next.lines;
    }
    if (text !== '') await appendFile(file, text);
    if (events < total) await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
  return { lines };
}

/** The next event with what belongs to it. */
function textOf(
  sample: SampleOptions,
  beside: readonly EventKind[],
): (nowMs: number) => { text: string; lines: number } {
  if (beside.length === 0) {
    const nextLine = sampleLines(sample);
    return (nowMs) => ({ text: `${nextLine(nowMs)}\n`, lines: 1 });
  }
  const nextVisit = sampleVisits({ ...sample, beside });
  return (nowMs) => {
    const lines = nextVisit(nowMs);
    return { text: `${lines.join('\n')}\n`, lines: lines.length };
  };
}
