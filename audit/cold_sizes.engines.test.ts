import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { moveDay } from '../batch/archive/cold/move.ts';
import { manifestsOf } from '../batch/archive/files/manifest.ts';
import { chainEnds } from '../batch/archive/totals.ts';
import { lockDay } from '../batch/day/lock.ts';
import { FIRST_NAMES } from '../domain/partition_names.ts';
import { dayOf } from '../domain/time.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { withHive as onHive } from '../infra/clients/hive.ts';
import { readConfig } from '../infra/config.ts';
import { clicksOfDay, TestArchive } from '../test/support/batch.ts';
import { testDays } from '../test/support/days.ts';
import { type Hdfs, startHdfs } from '../test/support/hdfs.ts';
import { auditArchive } from './archive.ts';
import type { WithHive } from './cold_sizes.ts';
import { RowsBelow } from './rows_below_cut.ts';

const urls = engineUrls(readConfig(inject('env')));
const DAY = dayOf(testDays());
const FILES = 'bytes in archived files = bytes in their manifests';
const archive = new TestArchive(urls.kafka);
const { archiveDir, log } = archive;
const withHive: WithHive = (work) => onHive(urls.hive, log, work);
let hdfs: Hdfs;
let bytes = 0;

beforeAll(async () => {
  await archive.createTopic();
  await archive.startArchiver();
  await archive.send(clicksOfDay(DAY, 90, 'elsewhere'));
  await archive.archived();
  for (const { files } of manifestsOf(archiveDir)) for (const file of files) bytes += file.bytes;
  hdfs = await startHdfs();
  const lock = await lockDay(archive, DAY);
  await withHive((hive) => moveDay({ archiveDir, hive, log }, DAY, `${hdfs.uri}/old`, lock));
  lock.release();
}, 300_000);
afterAll(async () => {
  await hdfs.stop();
  await archive.close();
});

/** Like the `status` command, with a run whose cut goes through every file. */
async function readStages(reach: WithHive) {
  const below = new RowsBelow();
  const cut = Object.fromEntries(Object.entries(chainEnds(archiveDir)).map(([name, end]) => [name, end - 1]));
  const run = below.of(DAY, cut);
  const { rules } = await auditArchive(
    'click',
    archiveDir,
    { committed: new Map(), names: FIRST_NAMES },
    0,
    below,
    reach,
  );
  await below.finish(archiveDir, reach);
  return { files: rules.find(({ rule }) => rule === FILES), run };
}

it('files on HDFS are compared and read like others', async () => {
  const { files, run } = await readStages(withHive);
  expect(files).toMatchObject({ left: bytes, right: bytes, ok: true });
  expect(run).toMatchObject({ rows: 90 - Object.keys(run.cut).length, known: true });
});

it('a missing one is reported', async () => {
  const folder = `${hdfs.uri}/old/dt=${DAY}`;
  const lines = await withHive((hive) => hive.rows<Record<string, string>>(`dfs -ls -C ${folder}`));
  // Hive also prints what other sessions print at the same time.
  const path = String(lines.map((row) => Object.values(row)[0]).find((line) => line?.startsWith(`${folder}/`)));
  await withHive((hive) => hive.rows(`dfs -mv ${path} ${hdfs.uri}/lost`));
  const { files } = await readStages(withHive);
  expect(files).toMatchObject({ right: bytes, ok: false, broken: { places: 1 } });
  await withHive((hive) => hive.rows(`dfs -mv ${hdfs.uri}/lost ${path}`));
});

it('while Hive does not answer, they are not reported', async () => {
  const { files, run } = await readStages(() => Promise.reject(new Error('away')));
  expect(files).toMatchObject({ left: 0, right: 0, ok: true });
  expect(run.known).toBe(false);
});
