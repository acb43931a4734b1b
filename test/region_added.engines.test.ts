import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { manifestsOf } from '../batch/archive/files/manifest.ts';
import { rebuildDay } from '../batch/rebuild/rebuild.ts';
import { dayOf } from '../domain/time.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { committedOffsetsOf, endOffsetsOf, ensureTopics } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { kafkaSettings } from '../infra/engine_settings/addresses.ts';
import type { Service } from '../infra/role.ts';
import { startMonitor } from '../ingest/main.ts';
import { startSink } from '../realtime/sink/sink.ts';
import { openTestEngines, TestArchive } from './support/batch.ts';
import { testDays } from './support/days.ts';
import { testRegister } from './support/register.ts';
import { eventually } from './support/wait.ts';

const config = readConfig(inject('env'));
const urls = engineUrls(config);
const archive = new TestArchive(urls.kafka);
const [main, eu, rejected] = [archive.topic, `${archive.topic}.eu`, `${archive.topic}-rejected`];
const DAY = dayOf(testDays());
const written: string[] = [];
const running: Service[] = [];
let opened: Awaited<ReturnType<typeof openTestEngines>>;

/** An application server with its log monitor. */
class Machine {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'region-added-'));
  #monitor: Service | null = null;

  constructor() {
    mkdirSync(join(this.dataDir, 'logs'));
  }

  /** Each click has its own user. */
  append(log: string, clicks: number): void {
    const users = Array.from({ length: clicks }, (_, n) => `${archive.topic}/${written.length + n}`);
    written.push(...users);
    const lines = users.map((user) => `[AdClickEvent] ${archive.topic}, ${DAY} 12:00:01, ${user}, ::1, USA\n`);
    appendFileSync(join(this.dataDir, 'logs', log), lines.join(''));
  }

  /** Restarts the monitor if one runs. */
  async monitor(clicks: string): Promise<void> {
    await this.#monitor?.stop();
    const context = {
      config: readConfig({
        DATA_DIR: this.dataDir,
        ...kafkaSettings(urls.kafka),
        HOST_ID: this.dataDir.slice(-6),
        EVENT_KINDS: 'click',
      }),
      log: archive.log,
      metrics: new Registry(),
    };
    this.#monitor = await startMonitor(context, { clicks, counted: [...archive.topics], rejected }, 60_000);
  }

  async stop(): Promise<void> {
    await this.#monitor?.stop();
    rmSync(this.dataDir, { recursive: true });
  }
}

async function startRealtime(topics: string[]): Promise<Service> {
  const { admin, producer, clickhouse, sinkGroup } = opened.engines;
  const sink = await startSink({
    event: 'click',
    kafka: archive.kafka,
    admin,
    producer,
    clickhouse,
    topics,
    groupId: sinkGroup,
    log: archive.log,
    rejectedTopic: rejected,
    dedupeWindowMs: 600_000,
    register: testRegister(),
    nowMs: Date.now,
    metrics: new Registry(),
    onFailure: (error) => {
      throw error;
    },
  });
  running.push(sink);
  return sink;
}

/** Waits until everything written is on a topic, and the sink has counted all of these topics. */
const counted = (topics: string[]) =>
  eventually(`the sink counts ${topics.join(' and ')}`, async () => {
    const { admin, sinkGroup } = opened.engines;
    const ends = await endOffsetsOf(admin, archive.topics);
    const sent = [...ends.values()].reduce((sum, end) => sum + end, 0);
    const committed = await committedOffsetsOf(admin, sinkGroup, topics);
    const isCounted = ([name, end]: [string, number]) => end === 0 || committed.get(name)?.offset === end;
    return sent === written.length && [...(await endOffsetsOf(admin, topics))].every(isCounted);
  });

beforeAll(async () => {
  await archive.createTopic(main);
  await archive.withAdmin((admin) => ensureTopics(admin, [{ topic: rejected, partitions: 1, config: {} }]));
  opened = await openTestEngines(archive, urls);
});
afterAll(async () => {
  for (const service of running) await service.stop();
  await opened.close();
  await archive.close();
});

test('a region is added while clicks arrive, roles restarted in any order: each click is counted once', async () => {
  const [a, b] = [new Machine(), new Machine()];
  await a.monitor(main);
  await b.monitor(main);
  const oldSink = await startRealtime([main]);
  const oldArchive = await archive.startArchiver();
  a.append('a.log', 500);
  b.append('b.log', 500);
  await counted([main]);

  // First a monitor has the new setting, then one of two in each group; the older one, which is the leader, does not
  // know the region.
  await archive.createTopic(eu);
  await b.monitor(eu);
  a.append('a.log', 200);
  b.append('b.log', 200);
  b.append('new.log', 300);
  await startRealtime([main, eu]);
  await archive.startArchiver();
  await counted([main]);
  expect(await sumOfEnds(eu)).toBe(300);

  await oldSink.stop();
  a.append('a.log', 100);
  b.append('new.log', 100);
  await counted([main, eu]);

  // The other way round: the leader assigns the region's partitions to a member that does not consume them.
  const straggler = await startRealtime([main]);
  a.append('a.log', 100);
  b.append('new.log', 100);
  await counted([main]);
  await straggler.stop();
  await oldArchive.stop();
  await a.monitor(main);
  a.append('a.log', 50);
  b.append('new.log', 50);
  await counted([main, eu]);
  await archive.archived();
  await a.stop();
  await b.stop();

  const { clickhouse, archiveDir } = opened.engines;
  const raw = await rows<{ user_id: string }>(
    clickhouse,
    'SELECT user_id FROM ads.clicks WHERE ad_id = {ad:String} ORDER BY topic_partition, topic_offset',
    { ad: archive.topic },
  );
  expect(raw.map(({ user_id }) => user_id).toSorted()).toEqual(written.toSorted());
  for (const view of ['minutes_by_ad', 'minutes_by_minute']) {
    const query = `SELECT sum(clicks) AS clicks FROM ads.${view} WHERE ad_id = {ad:String}`;
    expect(await rows(clickhouse, query, { ad: archive.topic })).toEqual([{ clicks: written.length }]);
  }
  const manifests = [...manifestsOf(archiveDir)];
  expect(manifests.reduce((sum, manifest) => sum + manifest.rows, 0)).toBe(written.length);
  expect(new Set(manifests.map(({ topic }) => topic))).toEqual(new Set([main, eu]));
  const run = await rebuildDay(opened.engines, { day: DAY, reason: 'test', requestedBy: 'test' });
  expect(run).toMatchObject({ run: 1, clicks: written.length, copies_dropped: 0, difference: 0 });
  expect(archive.fatal).toEqual([]);
}, 300_000);

async function sumOfEnds(topic: string): Promise<number> {
  const ends = await endOffsetsOf(opened.engines.admin, [topic]);
  return [...ends.values()].reduce((sum, end) => sum + end, 0);
}
