import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SampleOptions, sampleLines } from './lines.ts';

const TICK_MS = 100;

interface TrafficOptions extends SampleOptions {
  file: string;
  /** Lines per second. */
  rate: number;
  /** Infinity: until the signal. */
  seconds: number;
  signal?: AbortSignal;
}

/**
 * Appends sample clicks with the current time to a log at a steady rate. The log may be rotated meanwhile: it is
 * reopened for each write.
 */
export async function writeTraffic({
  file,
  rate,
  seconds,
  signal,
  ...sample
}: TrafficOptions): Promise<{ lines: number }> {
  await mkdir(dirname(file), { recursive: true });
  const nextLine = sampleLines(sample);
  const startMs = Date.now();
  const total = Math.round(rate * seconds);
  let lines = 0;
  while (lines < total && !signal?.aborted) {
    const nowMs = Date.now();
    const due = Math.min(total, Math.ceil(((nowMs - startMs) / 1000) * rate));
    let text = '';
    for (; lines < due; lines++) text += `${nextLine(nowMs)}\n`;
    if (text !== '') await appendFile(file, text);
    if (lines < total) await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
  return { lines };
}
