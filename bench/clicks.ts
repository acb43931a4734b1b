import { createReadStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { parseLine } from '../domain/click/line.ts';
import { partitionOf } from '../domain/click/partition.ts';
import { type LineFormat, type SampleOptions, sampleLines } from '../infra/traffic/lines.ts';

/** Chooses the ad of a click. */
export type Mix = Pick<SampleOptions, 'ads' | 'pickAd'>;

export const even = (ads: number): Mix => ({ ads, pickAd: (chance) => Math.floor(chance * ads) });

/** One ad has `share` of all clicks, the others share the rest evenly. */
export const withHotAd = (share: number, ads: number): Mix => ({
  ads,
  pickAd: (chance) => (chance < share ? 0 : 1 + Math.floor(((chance - share) / (1 - share)) * (ads - 1))),
});

/** Event times advance as if the lines had been written at the peak rate, the last one just now. */
const LINES_PER_SECOND = 50_000;
/** Some application servers send event ids, others rely on the position of the line. */
const EVENT_ID_SHARE = 0.5;
const WRITE_LINES = 10_000;
const SEED = 1;

interface Written {
  seed?: number;
  format?: LineFormat;
  /** Impressions after each click. */
  impressions?: number;
}

/**
 * Writes a log of so many lines: clicks, or others between them; the same mix and seed give the same ones, except for
 * their times.
 */
export async function writeLog(
  file: string,
  lines: number,
  mix: Mix,
  { seed = SEED, format = 'text', impressions = 0 }: Written = {},
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const sample = { ...mix, format, eventIdShare: EVENT_ID_SHARE };
  const nextClick = sampleLines({ ...sample, seed });
  const nextImpression = sampleLines({ ...sample, seed: seed + 1, kind: 'impression' });
  const lineAt = (line: number, atMs: number): string =>
    line % (1 + impressions) === 0 ? nextClick(atMs) : nextImpression(atMs);
  const startMs = Date.now() - (lines / LINES_PER_SECOND) * 1000;
  const handle = await open(file, 'w');
  try {
    for (let line = 0; line < lines; ) {
      let text = '';
      const until = Math.min(lines, line + WRITE_LINES);
      for (; line < until; line++) text += `${lineAt(line, Math.floor(startMs + (line / LINES_PER_SECOND) * 1000))}\n`;
      await handle.appendFile(text);
    }
  } finally {
    await handle.close();
  }
}

/** Clicks per partition if they were partitioned by ad, as textbooks suggest. */
export async function clicksByAdPartition(file: string, partitions: number): Promise<number[]> {
  const counts = new Array<number>(partitions).fill(0);
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const parsed = parseLine(line, 'here', Date.now());
    if (!parsed.ok) throw new Error(`${parsed.reason}: ${line}`);
    const partition = partitionOf(parsed.click.ad_id, partitions);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  return counts;
}
