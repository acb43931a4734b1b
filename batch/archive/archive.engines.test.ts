import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { topicOf } from '../../domain/names.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { waitUntil } from '../../infra/wait.ts';
import { clicksOfDay, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { openDuck } from './files/duckdb.ts';
import { repair } from './files/layout.ts';
import { createManifest, manifestsOf } from './files/manifest.ts';
import { followInHive } from './hive_days.ts';
import { archiveTotals } from './totals.ts';

const urls = engineUrls(readConfig(inject('env')));
const DAYS_MS = testDays(2);
const DAYS = [dayOf(DAYS_MS), dayOf(DAYS_MS + DAY_MS)] as const;

async function archivedClicks(archiveDir: string): Promise<Record<string, unknown>[]> {
  const duck = await openDuck(archiveDir, 64);
  const answer = await duck.connection.runAndReadAll(
    'SELECT *, filename FROM read_parquet($path, filename = true) ORDER BY topic_partition, topic_offset',
    { path: join(archiveDir, 'clicks', '*', '*.parquet') },
  );
  const rows = answer.getRowObjects();
  duck.close();
  return rows;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));

describe('the archive', () => {
  let archive: TestArchive;
  beforeAll(async () => {
    archive = new TestArchive(urls.kafka);
    await archive.createTopic();
  });
  afterAll(() => archive.close());

  it('holds every message once, one file per partition and event day, sorted by time', async () => {
    const clicks = DAYS.flatMap((day) => clicksOfDay(day, 500, 'arc'));
    await archive.send(clicks, [Buffer.from('no click')]);
    await archive.startArchiver();
    await archive.archived();

    const rows = await archivedClicks(archive.archiveDir);
    const ids = rows.map((row) => row.event_id);
    expect(new Set(ids)).toEqual(new Set(clicks.map((click) => click.event_id)));
    expect(ids).toHaveLength(1_000);
    const { rows: archived, rejected } = archiveTotals(archive.archiveDir);
    expect({ archived, rejected }).toEqual({ archived: 1_000, rejected: 1 });

    const [manifest] = manifestsOf(archive.archiveDir);
    expect(manifest?.files.map(({ day }) => day)).toEqual(DAYS);
    for (const file of filesIn(join(archive.archiveDir, 'clicks'))) {
      const ofFile = await archivedOf(join(archive.archiveDir, 'clicks', file));
      expect(ofFile).toEqual([...ofFile].sort((a, b) => a - b));
    }
  });

  it('becomes visible in Hive without further action, also the days from before a restart', async () => {
    const hive = await connectHive(urls.hive, archive.log);
    for (const day of DAYS)
      await hive.execute(`ALTER TABLE ads.archived_clicks DROP IF EXISTS PARTITION (dt = '${day}')`);
    const follower = followInHive(archive, () => connectHive(urls.hive, archive.log), archive.log);
    const inHive = () =>
      hive.rows<{ dt: string; clicks: number }>(
        `SELECT dt, count(*) AS clicks FROM ads.clicks WHERE dt BETWEEN '${DAYS[0]}' AND '${DAYS[1]}' GROUP BY dt ORDER BY dt`,
      );
    await waitUntil('days in Hive', async () => ((await inHive()).length === DAYS.length ? null : 'not yet'));
    expect(await inHive()).toEqual(DAYS.map((dt) => ({ dt, clicks: 500 })));
    await follower.stop();
    await hive.close();
  });

  it('keeps each range once when two processes archive the same partitions', async () => {
    const rivals = await Promise.all([
      archive.startArchiver(`${archive.topic}-rival-1`, 500),
      archive.startArchiver(`${archive.topic}-rival-2`, 500),
    ]);
    for (let round = 0; round < 3; round++) {
      await archive.send(clicksOfDay(DAYS[0], 400, `race${round}`));
      await archive.archived();
    }
    for (const rival of rivals) await rival.stop();
    const ids = (await archivedClicks(archive.archiveDir)).map((row) => row.event_id);
    expect(ids).toHaveLength(1_000 + 3 * 400);
    expect(new Set(ids).size).toBe(ids.length);
    expect(archiveTotals(archive.archiveDir)).toMatchObject({ rows: 2_200, rejected: 1 });
    repair(archive.archiveDir, archive.log);
    expect(filesIn(join(archive.archiveDir, 'aside'))).toEqual([]);
  });

  it('puts files in place that a killed process left after its manifest, and removes those of a lost range', async () => {
    const { archiveDir } = archive;
    const before = filesIn(join(archiveDir, 'clicks')).length;
    const [manifest] = manifestsOf(archiveDir);
    if (!manifest) throw new Error('no manifest');
    for (const { aside, path } of manifest.files) {
      mkdirSync(join(archiveDir, dirname(aside)), { recursive: true });
      renameSync(join(archiveDir, path), join(archiveDir, aside));
    }
    const lost = join(archiveDir, dirname(manifest.files[0]?.aside ?? '').replace(/[^-]+$/, 'loser'));
    mkdirSync(lost);
    writeFileSync(join(lost, `${DAYS[0]}.parquet`), '');
    expect(createManifest(archiveDir, manifest)).toBe(false);
    expect(filesIn(join(archiveDir, 'clicks'))).toHaveLength(before - manifest.files.length);

    repair(archiveDir, archive.log);
    expect(filesIn(join(archiveDir, 'clicks'))).toHaveLength(before);
    expect(filesIn(join(archiveDir, 'aside'))).toEqual([]);
  });

  async function archivedOf(path: string): Promise<number[]> {
    const duck = await openDuck(archive.archiveDir, 64);
    const answer = await duck.connection.runAndReadAll('SELECT click_timestamp FROM read_parquet($path)', { path });
    duck.close();
    return answer.getRows().map(([time]) => Number(time));
  }

  it('had no fatal error', () => expect(archive.fatal).toEqual([]));
});

it('keeps topics of regions separate that have equal partition numbers and offsets', async () => {
  const archive = new TestArchive(urls.kafka);
  const eu = `${archive.topic}.eu`;
  await archive.createTopic();
  await archive.createTopic(eu);
  await archive.send(clicksOfDay(DAYS[0], 300, 'main'));
  await archive.send(clicksOfDay(DAYS[0], 400, 'eu'), [Buffer.from('no click')], eu);
  await archive.startArchiver();
  await archive.archived();
  const rows = await archivedClicks(archive.archiveDir);
  const idsOf = (topic: string) =>
    rows.filter(({ topic_partition }) => topicOf(String(topic_partition)) === topic).map(({ event_id }) => event_id);
  const ids = (count: number, prefix: string) => clicksOfDay(DAYS[0], count, prefix).map(({ event_id }) => event_id);
  expect(idsOf(archive.topic).toSorted()).toEqual(ids(300, 'main').toSorted());
  expect(idsOf(eu).toSorted()).toEqual(ids(400, 'eu').toSorted());
  expect(archiveTotals(archive.archiveDir)).toMatchObject({ rows: 700, rejected: 1 });
  expect(archive.fatal).toEqual([]);
  await archive.close();
});
