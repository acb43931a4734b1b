import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { encodeClick } from '../../domain/wire.ts';
import { clicksOf } from '../engines_support.ts';
import { ARCHIVER_MEMORY_MB, Archiver, type Place, ROLL_BYTES, ROLL_MS } from './archiver.ts';
import { openDuck } from './duckdb.ts';
import { manifestsOf } from './manifest.ts';

const DAY = '2003-01-05';

async function newArchiver(rollBytes: number, rollMs: number): Promise<{ archiver: Archiver; archiveDir: string }> {
  const archiveDir = mkdtempSync(join(tmpdir(), 'archiver-'));
  const duck = await openDuck(archiveDir, ARCHIVER_MEMORY_MB);
  onTestFinished(() => {
    duck.close();
    rmSync(archiveDir, { recursive: true });
  });
  const archiver = new Archiver({
    ...{ archiveDir, duck, log: pino({ level: 'silent' }), rollBytes, rollMs },
    firstOffset: async () => 0,
    onArchived: () => {},
  });
  return { archiver, archiveDir };
}

const messages = (count: number, first = 0) =>
  clicksOf(DAY, count, 'a').map((click, n) => ({
    offset: first + n,
    arrivedMs: dayStartMs(DAY) + DAY_MS,
    value: encodeClick(click),
  }));

it('is due when its clicks have the size of a file, and not before', async () => {
  const { archiver } = await newArchiver(10_000, 300_000);
  const place = { topic: 'clicks', partition: 0 };
  const bytesOfOne = (messages(1)[0]?.value.length ?? 0) + 24;
  const few = Math.floor(10_000 / bytesOfOne / 2);
  await archiver.take(place, messages(few), 0);
  expect(archiver.due({}, 0)).toEqual([]);
  await archiver.take(place, messages(2 * few, few), 0);
  expect(archiver.due({}, 0)).toEqual([place]);
});

it('is due five minutes after its first click, and not before; the next range has its own five minutes', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const place = { topic: 'clicks', partition: 0 };
  const firstMs = 1_000;
  await archiver.take(place, messages(1), firstMs);
  await archiver.take(place, messages(1, 1), firstMs + ROLL_MS - 1);
  expect(archiver.due({}, firstMs + ROLL_MS - 1)).toEqual([]);
  expect(archiver.due({}, firstMs + ROLL_MS)).toEqual([place]);
  await archiver.flush(place);
  expect([...manifestsOf(archiveDir)]).toMatchObject([{ from: 0, to: 2, rows: 2 }]);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS)).toEqual([]);
  await archiver.take(place, messages(1, 2), firstMs + ROLL_MS);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS - 1)).toEqual([]);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS)).toEqual([place]);
});

it('rolls files at 128 MB of clicks or after five minutes', () => {
  expect({ ROLL_BYTES, ROLL_MS }).toEqual({ ROLL_BYTES: 134_217_728, ROLL_MS: 300_000 });
});

it('keeps topics apart that have the same numbers of partitions and offsets', async () => {
  const { archiver, archiveDir } = await newArchiver(1_000_000, 300_000);
  const [main, eu] = ['clicks', 'clicks.eu'].map((topic) => ({ topic, partition: 0 })) as [Place, Place];
  expect(await archiver.take(main, messages(5), 0)).toBe(5);
  expect(await archiver.take(eu, messages(8), 0)).toBe(8);
  expect(archiver.due({ 'clicks-0': 5, 'clicks.eu-0': 9 }, 0)).toEqual([main]);
  expect(archiver.due({ 'clicks-0': 6, 'clicks.eu-0': 8 }, 0)).toEqual([eu]);
  for (const place of [main, eu]) await archiver.flush(place);
  expect([...manifestsOf(archiveDir)]).toMatchObject([
    { ...main, from: 0, to: 5, rows: 5 },
    { ...eu, from: 0, to: 8, rows: 8 },
  ]);
});

it('has memory for clicks with the longest texts, more of them than a row group of Parquet has', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const [longest, random] = [127, () => randomBytes(12).toString('hex')];
  const clicks = clicksOf(DAY, 130_000, 'a').map((click, n) => ({
    ...click,
    event_id: random().padEnd(longest, 'e'),
    ad_id: `${n % 2_000}`.padEnd(longest, 'a'),
    user_id: random().padEnd(longest, 'u'),
  }));
  const arrivedMs = dayStartMs(DAY) + DAY_MS;
  const long = clicks.map((click, offset) => ({ offset, arrivedMs, value: encodeClick(click) }));
  const places = [0, 1].map((partition): Place => ({ topic: 'clicks', partition }));
  for (const place of places) await archiver.take(place, long, 0);
  for (const place of places) await archiver.flush(place);
  expect([...manifestsOf(archiveDir)]).toMatchObject([{ rows: 130_000 }, { rows: 130_000 }]);
}, 60_000);
