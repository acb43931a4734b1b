import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBMapValue } from '@duckdb/node-api';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import type { Annotations } from '../../domain/click/annotations.ts';
import type { Click } from '../../domain/click/click.ts';
import { encodeClick, encodeEvent } from '../../domain/click/wire.ts';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { clicksOfDay } from '../../test/support/batch.ts';
import { arrived } from '../../test/support/kafkajs.ts';
import { Archiver, type ArchiverOptions, ROLL_BYTES, ROLL_MS, type TopicPartition } from './archiver.ts';
import { MEMORY_MB, withDuck } from './files/duckdb.ts';
import { manifestsOf } from './files/manifest.ts';
import { ArchiveMetrics } from './metrics.ts';

const DAY = '2003-01-05';

async function newArchiver(
  rollBytes: number,
  rollMs: number,
  archiveDir = mkdtempSync(join(tmpdir(), 'archiver-')),
  onArchived: ArchiverOptions['onArchived'] = () => {},
): Promise<{ archiver: Archiver; archiveDir: string }> {
  onTestFinished(() => {
    rmSync(archiveDir, { recursive: true, force: true });
  });
  const archiver = new Archiver({
    event: 'click',
    archiveDir,
    log: pino({ level: 'silent' }),
    rollBytes,
    rollMs,
    firstOffset: async () => 0,
    onArchived,
  });
  return { archiver, archiveDir };
}

const messages = (count: number, first = 0) =>
  clicksOfDay(DAY, count, 'a').map((click, n) =>
    arrived({ offset: first + n, arrivedMs: dayStartMs(DAY) + DAY_MS, value: encodeClick(click) }),
  );

it('is due when its clicks have the size of a file, and not before', async () => {
  const { archiver } = await newArchiver(10_000, 300_000);
  const place = { topic: 'clicks', partition: 0 };
  const bytesOfOne = (messages(1)[0]?.valueLength ?? 0) + 24;
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
  archiver.flush(place);
  await archiver.flushed();
  expect([...manifestsOf(archiveDir)]).toMatchObject([{ from: 0, to: 2, rows: 2 }]);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS)).toEqual([]);
  await archiver.take(place, messages(1, 2), firstMs + ROLL_MS);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS - 1)).toEqual([]);
  expect(archiver.due({}, firstMs + 2 * ROLL_MS)).toEqual([place]);
});

it('counts what it rejects by reason, for the range that it is in', async () => {
  const registry = new Registry();
  const metrics = new ArchiveMetrics(registry, () => dayStartMs(DAY) + DAY_MS);
  const inManifests: number[] = [];
  const { archiver } = await newArchiver(ROLL_BYTES, ROLL_MS, undefined, (manifest, rejected) => {
    inManifests.push(manifest.rejected);
    metrics.archived(manifest, rejected);
  });
  const place = { topic: 'clicks', partition: 0 };
  const [click] = clicksOfDay(DAY, 1, 'a');
  if (click === undefined) throw new Error('a day has clicks');
  const values = [
    encodeClick(click),
    encodeEvent('impression', click, new Map()),
    Buffer.from('junk'),
    Buffer.from('more'),
  ];
  const arrivedMs = dayStartMs(DAY) + DAY_MS;
  for (const first of [0, values.length]) {
    const taken = values.map((value, n) => arrived({ offset: first + n, arrivedMs, value }));
    await archiver.take(place, taken, 0);
    archiver.flush(place);
    await archiver.flushed();
  }
  expect(inManifests).toEqual([3, 3]);
  const text = await registry.metrics();
  expect(text).toContain('clickledger_archive_clicks_total 2\n');
  expect(text).toContain('clickledger_archive_rejected_total{reason="wrong_event"} 2\n');
  expect(text).toContain('clickledger_archive_rejected_total{reason="bad_message"} 4\n');
  expect(text).toContain('clickledger_archive_rejected_total{reason="bad_ip"} 0\n');
});

it('accepts messages while a range is written, and the next range begins where that one ends', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const place = { topic: 'clicks', partition: 0 };
  await archiver.take(place, messages(5), 0);
  archiver.flush(place);
  expect(await archiver.take(place, messages(9), 0)).toBe(9);
  expect([...manifestsOf(archiveDir)]).toEqual([]);
  expect(await archiver.flushed()).toEqual({ place, ours: true, readOn: 5 });
  archiver.flush(place);
  expect(await archiver.flushed()).toEqual({ place, ours: true, readOn: 9 });
  expect([...manifestsOf(archiveDir)]).toMatchObject([
    { from: 0, to: 5, rows: 5 },
    { from: 5, to: 9, rows: 4 },
  ]);
});

it('drops messages after a range that another process archives first, and resumes where that one ends', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const { archiver: other } = await newArchiver(ROLL_BYTES, ROLL_MS, archiveDir);
  const place = { topic: 'clicks', partition: 0 };
  await archiver.take(place, messages(5), 0);
  await other.take(place, messages(7), 0);
  other.flush(place);
  await other.flushed();
  archiver.flush(place);
  expect(await archiver.take(place, messages(9), 0)).toBe(9);
  expect(await archiver.flushed()).toEqual({ place, ours: false, readOn: 7 });
  expect(archiver.due({ 'clicks-0': 9 }, 0)).toEqual([]);
  expect(await archiver.take(place, messages(2, 7), 0)).toBe(9);
  archiver.flush(place);
  await archiver.flushed();
  expect([...manifestsOf(archiveDir)]).toMatchObject([
    { from: 0, to: 7, rows: 7 },
    { from: 7, to: 9, rows: 2 },
  ]);
});

it('ends an unwanted write before it starts again', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const place = { topic: 'clicks', partition: 0 };
  await archiver.take(place, messages(5), 0);
  archiver.flush(place);
  await archiver.take(place, messages(9), 0);
  archiver.newGeneration();
  await archiver.dropAll();
  expect([...manifestsOf(archiveDir)]).toEqual([]);
  expect(await archiver.take(place, messages(9), 0)).toBe(9);
});

it('writes texts unchanged: quotes, byte order marks, commas, any language', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const place = { topic: 'clicks', partition: 0 };
  const texts = ['\ufeffmark', '"quoted"', "it's", 'a,b;c|d', '\\t\\n', 'NULL', '日本語 😀', ' ', '#', '\u2028\u0085'];
  const clicks = texts.map((text, n) => ({
    event_id: text,
    ad_id: text,
    user_id: text,
    ip: '10.0.0.1',
    country: 'USA',
    click_timestamp: dayStartMs(DAY) + n,
  }));
  const arrivedMs = dayStartMs(DAY) + DAY_MS;
  await archiver.take(
    place,
    clicks.map((click, offset) => arrived({ offset, arrivedMs, value: encodeClick(click) })),
    0,
  );
  archiver.flush(place);
  await archiver.flushed();
  const [file] = [...manifestsOf(archiveDir)].flatMap(({ files }) => files);
  // As bytes: DuckDB's client drops a byte order mark from a text.
  const query = `SELECT hex(concat_ws('|', event_id, ad_id, user_id, ip, country, topic_partition)) AS texts,
    click_timestamp, arrived_at, topic_offset FROM read_parquet($path)`;
  const rows = await withDuck(archiveDir, MEMORY_MB, async (duck) => {
    const answer = await duck.runAndReadAll(query, { path: join(archiveDir, file?.path ?? '') });
    return answer.getRowObjects();
  });
  expect(rows).toEqual(
    clicks.map(({ event_id, ad_id, user_id, ip, country, click_timestamp }, n) => ({
      texts: Buffer.from([event_id, ad_id, user_id, ip, country, 'clicks-0'].join('|')).toString('hex').toUpperCase(),
      click_timestamp: BigInt(click_timestamp),
      arrived_at: BigInt(arrivedMs),
      topic_offset: BigInt(n),
    })),
  );
});

it('writes annotations unchanged, as a map that is empty without any, and never part of a time or a day', async () => {
  const { archiver, archiveDir } = await newArchiver(ROLL_BYTES, ROLL_MS);
  const place = { topic: 'clicks', partition: 0 };
  const arrivedMs = dayStartMs(DAY) + DAY_MS;
  const all: [user_id: string, Annotations][] = [
    ['u', new Map()],
    ['u', new Map([['ua', 'Mozilla "5.0" \\ (x; y)']])],
    ['ü', new Map([['ua', 'on the slow path, "quoted" \\']])],
    ['u', new Map([['ua', 'ユーザー 👩‍💻 \u2028\u0085']])],
    [
      'u',
      new Map([
        ['value', ''],
        ['ua', ''],
        ['currency', 'NULL'],
      ]),
    ],
    ['u', new Map([['referrer', '"\\'.repeat(512)]])],
    [
      'ü',
      new Map([
        ['referrer', 'é'.repeat(400)],
        ['ua', "{'a'=b, [c]}"],
      ]),
    ],
  ];
  const values = all.map(([user_id, annotations], n) =>
    encodeEvent('click', { ...(clicksOfDay(DAY, n + 1, 'a')[n] as Click), user_id }, annotations),
  );
  await archiver.take(
    place,
    values.map((value, offset) => arrived({ offset, arrivedMs, value })),
    0,
  );
  archiver.flush(place);
  await archiver.flushed();
  const [file] = [...manifestsOf(archiveDir)].flatMap(({ files }) => files);
  const query = 'SELECT annotations FROM read_parquet($path) ORDER BY topic_offset';
  const read = await withDuck(archiveDir, MEMORY_MB, async (duck) => {
    const answer = await duck.runAndReadAll(query, { path: join(archiveDir, file?.path ?? '') });
    return answer.getRows().map(([map]) => (map as DuckDBMapValue).entries.map(({ key, value }) => [key, value]));
  });
  expect(read).toEqual(all.map(([, annotations]) => [...annotations]));
});

it('rolls files at 128 MB of clicks or after five minutes', () => {
  expect({ ROLL_BYTES, ROLL_MS }).toEqual({ ROLL_BYTES: 134_217_728, ROLL_MS: 300_000 });
});

it('keeps topics separate that have equal partition numbers and offsets', async () => {
  const { archiver, archiveDir } = await newArchiver(1_000_000, 300_000);
  const [main, eu] = ['clicks', 'clicks.eu'].map((topic) => ({ topic, partition: 0 })) as [
    TopicPartition,
    TopicPartition,
  ];
  expect(await archiver.take(main, messages(5), 0)).toBe(5);
  expect(await archiver.take(eu, messages(8), 0)).toBe(8);
  expect(archiver.due({ 'clicks-0': 5, 'clicks.eu-0': 9 }, 0)).toEqual([main]);
  expect(archiver.due({ 'clicks-0': 6, 'clicks.eu-0': 8 }, 0)).toEqual([eu]);
  for (const place of [main, eu]) {
    archiver.flush(place);
    await archiver.flushed();
  }
  expect([...manifestsOf(archiveDir)]).toMatchObject([
    { ...main, from: 0, to: 5, rows: 5 },
    { ...eu, from: 0, to: 8, rows: 8 },
  ]);
});
