import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Annotations } from '../../domain/click/annotations.ts';
import { topicPartition } from '../../domain/names.ts';
import { dayOf } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type Hive, withHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { showClicks } from '../../infra/hive_clicks.ts';
import { readMigrations } from '../../infra/migrate.ts';
import { statements } from '../../infra/sql.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { rebuildDay } from '../rebuild/rebuild.ts';
import type { BatchEngines } from '../run/engines.ts';
import { batchRuns } from '../run/ledger.ts';
import { hashFile } from './files/check_file.ts';
import { openDuck } from './files/duckdb.ts';
import { manifestsOf, paddedOffset } from './files/manifest.ts';
import { addDays } from './hive_days.ts';

/** Files from before there were annotations beside files with them, in one day. */
const urls = engineUrls(readConfig(inject('env')));
const DAY = dayOf(testDays());
const archive = new TestArchive(urls.kafka);
let engines: BatchEngines;
let close: () => Promise<void>;

const before = clicksOfDay(DAY, 30, 'batch-before');
const later = clicksOfDay(DAY, 20, 'batch-later');
const ofLater = (n: number): Annotations =>
  new Map([
    ['ua', `"${n}" \\ ${'ü'.repeat(n)} 広告`],
    ['value', ''],
  ]);
const other: Annotations = new Map([['referrer', 'x'.repeat(1_024)]]);
/** Place → annotations; empty objects without any. */
const expected = new Map<string, Record<string, string>>();

async function arrive(clicks: typeof before, annotations: (n: number) => Annotations): Promise<void> {
  const placed = await archive.send(clicks, [], archive.topic, annotations);
  for (const [n, { topic_partition, topic_offset }] of placed.entries()) {
    expected.set(`${topic_partition} ${topic_offset}`, Object.fromEntries(annotations(n)));
  }
  await countInRealtime(engines.clickhouse, placed);
  await archive.commit(engines.sinkGroup, await archive.ends());
  await archive.archived();
}

/** Rewrites all that is archived without the column, as an earlier release would have written it. */
async function makeOld(): Promise<void> {
  const duck = await openDuck(archive.archiveDir, 64);
  for (const manifest of manifestsOf(archive.archiveDir)) {
    for (const file of manifest.files) {
      const path = join(archive.archiveDir, file.path);
      await duck.connection.run(
        `COPY (SELECT * EXCLUDE (annotations) FROM read_parquet('${path}')) TO '${path}.old' (FORMAT parquet)`,
      );
      renameSync(`${path}.old`, path);
      Object.assign(file, await hashFile(path));
    }
    const folder = join(archive.archiveDir, 'manifests', topicPartition(manifest.topic, manifest.partition));
    writeFileSync(join(folder, `${paddedOffset(manifest.from)}.json`), JSON.stringify(manifest));
  }
  duck.close();
}

beforeAll(async () => {
  ({ engines, close } = await startTestArchive(archive, urls));
  await arrive(before, () => new Map());
  await makeOld();
  await arrive(later, ofLater);
  // Ten copies of clicks that had no annotations; one as the first was, one that is not.
  await arrive([...before.slice(0, 10), ...later.slice(0, 2)], (n) => (n === 10 ? ofLater(0) : other));
}, 180_000);
afterAll(() => close());

/** What a table has of the day. */
async function annotationsIn(hive: Hive, table: string): Promise<Map<string, unknown>> {
  const found = await hive.rows<{ place: string; annotations: unknown; is_null: boolean }>(
    `SELECT concat(topic_partition, ' ', topic_offset) AS place, annotations, annotations IS NULL AS is_null
     FROM ${table} WHERE dt = '${DAY}'`,
  );
  expect(found.filter(({ is_null }) => is_null)).toEqual([]);
  return new Map(found.map(({ place, annotations }) => [place, annotations]));
}

test('a run counts them together, and copies that differ in annotations beside them', async () => {
  const run = await rebuildDay(engines, { day: DAY, reason: 'test', requestedBy: 'test' });
  const figures = { state: 'published', clicks: 50, copies_dropped: 12, conflicts: 0, annotation_conflicts: 11 };
  expect(run).toMatchObject(figures);
  expect(await batchRuns(engines.clickhouse, DAY)).toMatchObject([figures]);
}, 180_000);

test('Hive has each row its own annotations, and none where a file has no column', async () => {
  await withHive(urls.hive, archive.log, async (hive) => {
    expect(await annotationsIn(hive, 'ads.clicks')).toEqual(expected);
    const [last] = (await hive.rows<{ col_name: string; data_type: string }>('DESCRIBE ads.clicks')).slice(-2);
    expect(last).toMatchObject({ col_name: 'annotations', data_type: 'map<string,string>' });
  });
}, 120_000);

test('a table and its partitions from before there were annotations become a view that has them', async () => {
  const database = `ads_old_${randomBytes(4).toString('hex')}`;
  const [first] = readMigrations('hive');
  const files = pathToFileURL(archive.archiveDir).href;
  const tables = (first?.text ?? '').replaceAll('ads.', `${database}.`).replaceAll('{archive}', files);
  await withHive(urls.hive, archive.log, async (hive) => {
    await hive.execute(`CREATE DATABASE ${database}`);
    for (const statement of statements(tables)) await hive.execute(statement);
  });
  const inOld = <T>(work: (hive: Hive) => Promise<T>) => withHive(urls.hive, archive.log, work, database);
  try {
    await inOld(async (hive) => {
      // As the archive of that release added the day.
      const renamed: Pick<Hive, 'execute'> = {
        execute: (text) => hive.execute(text.replace('archived_clicks', 'clicks')),
      };
      await addDays(renamed, archive.archiveDir, [DAY]);
      await showClicks(hive);
      expect(await annotationsIn(hive, 'clicks')).toEqual(expected);
      // Interrupted, it is repeated as a whole.
      await showClicks(hive);
      expect(await annotationsIn(hive, 'clicks')).toEqual(expected);
    });
  } finally {
    await inOld((hive) => hive.execute(`DROP DATABASE ${database} CASCADE`));
  }
}, 180_000);
