import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Manifest, manifestsOf, paddedOffset } from '../batch/archive/files/manifest.ts';
import { rebuildDay } from '../batch/rebuild/rebuild.ts';
import { type BatchRun, batchRuns } from '../batch/run/ledger.ts';
import { alarm } from '../cli/text/status.ts';
import { groupsOf } from '../domain/names.ts';
import { FIRST_NAMES } from '../domain/partition_names.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../domain/time.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { withHive } from '../infra/clients/hive.ts';
import { committedOffsets, connectProducer, ensureTopics } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import type { Service } from '../infra/role.ts';
import { CheckpointStore } from '../ingest/checkpoint.ts';
import { startSink } from '../realtime/sink/sink.ts';
import { clicksOfDay, openTestEngines, TestArchive } from '../test/support/batch.ts';
import {
  anyMinute,
  anyPlace,
  change,
  forgetAds,
  remove,
  rewrite,
  type Undo,
  withoutOneRow,
} from '../test/support/corruption.ts';
import { testDays } from '../test/support/days.ts';
import { testRegister } from '../test/support/register.ts';
import { eventually } from '../test/support/wait.ts';
import { stages } from './stages.ts';

const urls = engineUrls(readConfig(inject('env')));
const clickhouse = createClickHouse(urls.clickhouse);
const archive = new TestArchive(urls.kafka);
const { topic } = archive;
const admin = archive.kafka.admin();
const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-conservation-'));
const registry = new Registry();

const FIRST_DAY_MS = testDays(2);
const [COUNTED, WAITING] = [dayOf(FIRST_DAY_MS), dayOf(FIRST_DAY_MS + DAY_MS)];
const RULE = {
  lines: 'log lines read = clicks sent + lines rejected',
  sent: 'clicks sent ≤ messages in the topic',
  counted: 'messages counted = raw rows + copies dropped + messages rejected',
  byAd: 'raw rows = clicks in minutes by ad',
  byMinute: 'raw rows = clicks in minutes by minute',
  archived: 'messages archived = archived rows + messages rejected',
  files: 'bytes in archived files = bytes in their manifests',
  run: 'archived rows below the cut = clicks + copies dropped of the run',
  runRows: 'rows of the run in ClickHouse = clicks of the run in the ledger',
};

let sink: Service;
let run: BatchRun;

const look = () =>
  stages(
    { dataDir, archiveDir: archive.archiveDir, logGlob: join(dataDir, 'logs', '*.log'), hostId: 'host' },
    {
      event: 'click',
      topics: [topic],
      sinkGroup: `${topic}-sink`,
      archiveGroup: topic,
      indexerGroup: groupsOf('click').indexer,
      names: FIRST_NAMES,
    },
    { admin, clickhouse, withHive: (work) => withHive(urls.hive, archive.log, work) },
    Date.now(),
  );

const broken = async (): Promise<string[]> =>
  (await look()).conservation.filter(({ ok }) => !ok).map(({ rule }) => rule);

async function sinkCaughtUp(): Promise<void> {
  await eventually('the sink has caught up', async () => {
    const committed = await committedOffsets(admin, `${topic}-sink`, topic);
    const ends = await admin.fetchTopicOffsets(topic);
    return ends.every(({ partition, high }) => (committed.get(partition)?.offset ?? 0) === Number(high));
  });
}

const clicks = clicksOfDay(COUNTED, 200, topic);
const copies = clicks.slice(0, 20);
const conflicts = clicks.slice(20, 25).map((click) => ({ ...click, ip: '10.9.9.9' }));
const waiting = clicksOfDay(WAITING, 40, topic);
const ahead = clicksOfDay(WAITING, 3, `${topic}-ahead`).map((click) => ({
  ...click,
  click_timestamp: Date.now() + HOUR_MS,
}));

beforeAll(async () => {
  await archive.createTopic();
  await admin.connect();
  await ensureTopics(admin, [{ topic: `${topic}-rejected`, partitions: 1, config: {} }]);
  const producer = await connectProducer(archive.kafka);
  const { kafka, log } = archive;
  sink = await startSink({
    event: 'click',
    kafka,
    admin,
    producer,
    clickhouse,
    topics: [topic],
    groupId: `${topic}-sink`,
    dedupeWindowMs: 600_000,
    log,
    register: testRegister(),
    nowMs: Date.now,
    metrics: registry,
    rejectedTopic: `${topic}-rejected`,
    onFailure: (error) => {
      throw error;
    },
  });
  await archive.startArchiver();
  await archive.send([...clicks, ...copies, ...conflicts], [Buffer.from('no click'), Buffer.from('nor this')]);
  await archive.archived();
  await sinkCaughtUp();
  const { engines, close } = await openTestEngines(archive, urls);
  run = await rebuildDay(engines, { day: COUNTED, reason: 'test', requestedBy: 'test' });
  await close();
  await archive.send([...waiting, ...ahead]);
  await archive.archived();
  await sinkCaughtUp();

  const store = await CheckpointStore.open(dataDir, 0);
  const print = { from: 0, to: 0, sha: '' };
  const facts = { host: 'host', copies: [], goneMs: null, head: print, tail: print };
  const file = { inode: '', born: '' };
  await store.save(
    ['a.log', 'b.log'].map((path) => ({
      id: path,
      path,
      log: path,
      file,
      ...facts,
      lines: 101,
      clicks: 100,
      rejected: 1,
    })),
    0,
  );
  await store.close();
}, 300_000);

afterAll(async () => {
  await sink.stop();
  await forgetAds(clickhouse, topic);
  await archive.close();
  await Promise.all([admin.disconnect(), clickhouse.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

const manifestPath = ({ partition, from }: Manifest): string =>
  join(archive.archiveDir, 'manifests', `${topic}-${partition}`, `${paddedOffset(from)}.json`);

const manifestOf = (day: string): Manifest => {
  const found = [...manifestsOf(archive.archiveDir)].find(({ files }) => files.some((file) => file.day === day));
  if (!found) throw new Error(`no manifest of ${day}`);
  return found;
};

const changeManifest = (day: string, to: (manifest: Manifest) => Manifest) =>
  rewrite(manifestPath(manifestOf(day)), (text) => JSON.stringify(to(JSON.parse(text))));

const changeCheckpoints = (from: string, to: string) =>
  rewrite(join(dataDir, 'ingest', 'checkpoints', 'journal.jsonl'), (text) => text.replace(from, to));

const BREAKS: [what: string, rules: string[], breakIt: () => Promise<Undo>][] = [
  [
    'a row of ads.clicks',
    [RULE.counted, RULE.byAd, RULE.byMinute],
    async () => remove(clickhouse, 'ads.clicks', await anyPlace(clickhouse, topic, 'ads.clicks')),
  ],
  [
    'a row of ads.copies_dropped',
    [RULE.counted],
    async () => remove(clickhouse, 'ads.copies_dropped', await anyPlace(clickhouse, topic, 'ads.copies_dropped')),
  ],
  [
    'a row of ads.minutes_by_ad',
    [RULE.byAd],
    async () => remove(clickhouse, 'ads.minutes_by_ad', await anyMinute(clickhouse, topic, 'ads.minutes_by_ad')),
  ],
  [
    'a row of ads.minutes_by_minute',
    [RULE.byMinute],
    async () =>
      remove(clickhouse, 'ads.minutes_by_minute', await anyMinute(clickhouse, topic, 'ads.minutes_by_minute')),
  ],
  [
    'a row of the run in ads.clicks_per_minute_batch',
    [RULE.runRows],
    async () =>
      remove(
        clickhouse,
        'ads.clicks_per_minute_batch',
        await anyMinute(clickhouse, topic, 'ads.clicks_per_minute_batch'),
      ),
  ],
  [
    'a copy in the ledger',
    [RULE.run],
    async () => {
      const set = (by: string) =>
        change(
          clickhouse,
          `ALTER TABLE ads.ledger UPDATE copies_dropped = copies_dropped ${by} WHERE date = '${COUNTED}' AND state = 'published'`,
        );
      await set('- 1');
      return async () => void (await set('+ 1'));
    },
  ],
  [
    'a manifest',
    [RULE.archived],
    async () => {
      const path = manifestPath(manifestOf(WAITING));
      renameSync(path, `${path}.away`);
      return async () => renameSync(`${path}.away`, path);
    },
  ],
  [
    'a row in a manifest',
    [RULE.archived],
    async () => changeManifest(COUNTED, (whole) => ({ ...whole, rows: whole.rows - 1 })),
  ],
  [
    'a row of a file in its manifest',
    [RULE.run],
    async () =>
      changeManifest(COUNTED, (whole) => ({
        ...whole,
        files: whole.files.map((file) => ({ ...file, rows: file.rows - 1 })),
      })),
  ],
  ['a row of an archived file', [RULE.files], async () => withoutOneRow(archive.archiveDir, fileOf(COUNTED))],
  [
    'an archived file',
    [RULE.files],
    async () => {
      const path = fileOf(WAITING);
      renameSync(path, `${path}.away`);
      return async () => renameSync(`${path}.away`, path);
    },
  ],
  ['a line of a checkpoint', [RULE.lines], async () => changeCheckpoints('"lines":101', '"lines":102')],
  [
    'clicks that were sent and are missing in the topic',
    [RULE.sent],
    async () => changeCheckpoints('"lines":101,"clicks":100', '"lines":901,"clicks":900'),
  ],
];

const fileOf = (day: string): string =>
  join(archive.archiveDir, manifestOf(day).files.find((file) => file.day === day)?.path ?? '');

describe('conservation', () => {
  test('holds, and every stage reports its input and output', async () => {
    const { stages: all, conservation } = await look();
    expect(conservation.filter(({ ok }) => !ok)).toEqual([]);
    expect(conservation.map(({ rule }) => rule).sort()).toEqual(Object.values(RULE).sort());
    const stage = (name: string) => all.find((entry) => entry.name === name);
    expect(stage('ingest')).toMatchObject({ in: 202, out: 200, rejected: 2, lag: 0 });
    expect(stage('realtime')).toMatchObject({ in: 270, out: 248, rejected: 2, duplicates: 20, lag: 0 });
    expect(stage('archive')).toMatchObject({ in: 270, out: 268, rejected: 2, lag: 0 });
    expect(stage('nightly')).toMatchObject({ in: 225, out: 205, duplicates: 20, lag: 40 });
  });

  test('the run reports how many clicks share an event id with other content', async () => {
    expect(run).toMatchObject({ clicks: 205, copies_dropped: 20, conflicts: 5 });
    expect(await batchRuns(clickhouse, COUNTED)).toMatchObject([{ run: 1, conflicts: 5 }]);
  });

  test('clicks from the future are counted and recorded', async () => {
    const where = `startsWith(topic_partition, '${topic}')`;
    const ids = (table: string) =>
      rows<{ id: string }>(clickhouse, `SELECT event_id AS id FROM ${table} WHERE ${where} ORDER BY id`);
    const expected = ahead.map(({ event_id }) => ({ id: event_id }));
    expect(await ids('ads.clicks_from_future')).toEqual(expected);
    expect(await ids('ads.clicks')).toEqual(expect.arrayContaining(expected));
    expect(await registry.metrics()).toContain('clickledger_sink_clicks_from_future_total 3');
  });

  test.each(BREAKS)('without %s it is broken: %j', async (_, rules, breakIt) => {
    const mend = await breakIt();
    const found = await broken().finally(mend);
    expect(found).toEqual(rules);
    expect(await broken()).toEqual([]);
  });

  test('reports the place and the size of the difference', async () => {
    const where = await anyPlace(clickhouse, topic, 'ads.copies_dropped');
    const mend = await remove(clickhouse, 'ads.copies_dropped', where);
    const { conservation } = await look().finally(mend);
    const [, partition] = /'(.+)'/.exec(where) ?? [];
    expect(alarm(conservation).join('\n')).toMatch(
      new RegExp(
        `${RULE.counted.replaceAll('+', '\\+')}\n.*\n {4}${partition}: (\\d+) and \\d+, 1 missing on the right\n {4}what to do: `,
      ),
    );
  });

  test('holds at every moment while clicks flow', async () => {
    let flowing = true;
    let sent = 0;
    const flow = (async () => {
      for (; flowing; sent++) await archive.send(clicksOfDay(WAITING, 50, `${topic}-flow${sent}`));
    })();
    const seen: string[][] = [];
    while (seen.length < 25) seen.push(await broken());
    flowing = false;
    await flow;
    expect(seen.flat()).toEqual([]);
    expect(sent).toBeGreaterThan(10);
    await sinkCaughtUp();
    expect(await broken()).toEqual([]);
  });
});
