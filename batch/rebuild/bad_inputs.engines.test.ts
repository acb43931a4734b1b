import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { topicPartition } from '../../domain/names.ts';
import { dayOf } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { type ArchivedFile, type Manifest, manifestsOf, paddedOffset } from '../archive/files/manifest.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { batchRuns } from '../run/ledger.ts';
import { rebuildDay } from './rebuild.ts';

const urls = engineUrls(readConfig(inject('env')));
const DAY = dayOf(testDays());
const archive = new TestArchive(urls.kafka);
const { archiveDir } = archive;
let engines: BatchEngines;
let close: () => Promise<void>;
let manifest: Manifest;
let file: ArchivedFile;

const rebuild = () => rebuildDay(engines, { day: DAY, reason: 'test', requestedBy: 'test' });

beforeAll(async () => {
  ({ engines, close } = await startTestArchive(archive, urls));
  await countInRealtime(engines.clickhouse, await archive.send(clicksOfDay(DAY, 100, 'bad-inputs')));
  await archive.commit(engines.sinkGroup, await archive.archived());
  expect(await rebuild()).toMatchObject({ run: 1, state: 'published', clicks: 100 });
  const [first] = manifestsOf(archiveDir);
  if (first?.files[0] === undefined) throw new Error('nothing was archived');
  manifest = first;
  file = first.files[0];
}, 200_000);
afterAll(async () => {
  await close();
});

const pathOf = (name: string) => join(archiveDir, name);

/** Replaces a file's content, and returns the function that undoes it. */
function damage(path: string, to: (whole: Buffer) => Buffer | string): () => void {
  const whole = readFileSync(path);
  writeFileSync(path, to(whole));
  return () => writeFileSync(path, whole);
}

function changedManifest(change: (file: ArchivedFile) => ArchivedFile): () => void {
  const name = topicPartition(manifest.topic, manifest.partition);
  const path = pathOf(join('manifests', name, `${paddedOffset(manifest.from)}.json`));
  return damage(path, () => JSON.stringify({ ...manifest, files: manifest.files.map(change) }));
}

const CASES: [what: string, harm: () => () => void, why: RegExp][] = [
  [
    'a file with one changed byte',
    () =>
      damage(pathOf(file.path), (whole) => {
        const other = Buffer.from(whole);
        other[100] = (whole[100] ?? 0) ^ 1;
        return other;
      }),
    /is not what was archived: its SHA-256 differs from its manifest's/,
  ],
  [
    'a truncated file',
    () => damage(pathOf(file.path), (whole) => whole.subarray(0, -1)),
    /has \d+ bytes; its manifest says \d+/,
  ],
  ['an empty file', () => damage(pathOf(file.path), () => ''), /has 0 bytes; its manifest says \d+/],
  [
    'a missing file',
    () => {
      const mend = damage(pathOf(file.path), (whole) => whole);
      rmSync(pathOf(file.path));
      return mend;
    },
    /is missing; its manifest says \d+ bytes/,
  ],
  [
    'a manifest with another hash',
    () => changedManifest((one) => ({ ...one, sha256: '0'.repeat(64) })),
    /is not what was archived: its SHA-256 differs from its manifest's/,
  ],
  [
    'a day whose folder is missing',
    () => {
      const folder = pathOf(dirname(file.path));
      renameSync(folder, `${folder}.gone`);
      return () => renameSync(`${folder}.gone`, folder);
    },
    /is missing; its manifest says \d+ bytes/,
  ],
];

/** The published state as readers see it: the ledger's current run, and the clicks of the day in both stores. */
async function published(): Promise<{ run: number | undefined; clickhouse: number; hive: number }> {
  const run = (await batchRuns(engines.clickhouse, DAY)).find(({ state }) => state === 'published')?.run;
  const [day] = await rows<{ clicks: number }>(
    engines.clickhouse,
    `SELECT sum(clicks) AS clicks FROM ads.clicks_per_minute WHERE toDate(click_minute) = {day:Date} AND ad_id LIKE 'bad-inputs-%'`,
    { day: DAY },
  );
  const hive = await withBatchHive(engines, (session) =>
    session.rows<{ clicks: number }>(`SELECT sum(clicks) AS clicks FROM ads.clicks_per_minute WHERE dt = '${DAY}'`),
  );
  return { run, clickhouse: Number(day?.clicks), hive: Number(hive[0]?.clicks) };
}

describe('a rebuild', () => {
  it.each(CASES)('of %s fails naming it, and the day stays as it was published', async (_, harm, why) => {
    const mend = harm();
    const failed = await rebuild().then(
      () => null,
      (error: Error) => error.message,
    );
    mend();
    expect(failed).toMatch(why);
    expect(failed).toContain(pathOf(file.path));
    expect((await batchRuns(engines.clickhouse, DAY)).at(-1)).toMatchObject({ state: 'failed', clicks: 0 });
    expect(await published()).toEqual({ run: 1, clickhouse: 100, hive: 100 });
  });

  it('succeeds again once everything is restored', async () => {
    const run = CASES.length + 2;
    expect(await rebuild()).toMatchObject({ run, state: 'published', clicks: 100, copies_dropped: 0 });
    expect(await published()).toEqual({ run, clickhouse: 100, hive: 100 });
  });
});
