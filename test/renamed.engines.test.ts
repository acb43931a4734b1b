import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { skipGap } from '../batch/archive/skip.ts';
import { rebuildDay } from '../batch/rebuild/rebuild.ts';
import { archiveReached, cutNow, sinkReached } from '../batch/run/arrived.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { endOffsets, ensureTopics } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { openFindings } from '../infra/register/findings.ts';
import type { Service } from '../infra/role.ts';
import { planRename, rename } from '../realtime/rename/rename.ts';
import { startSink } from '../realtime/sink/sink.ts';
import { clicksOfDay, openTestEngines, TestArchive } from './support/batch.ts';
import { testDays } from './support/days.ts';
import { eventually } from './support/wait.ts';

const urls = engineUrls(readConfig(inject('env')));
const PARTITIONS = 3;
const FIRST_MS = testDays(2);
const [CUT, SKIPPED] = [dayOf(FIRST_MS), dayOf(FIRST_MS + DAY_MS)];

let archive: TestArchive;
let opened: Awaited<ReturnType<typeof openTestEngines>>;
const running: Service[] = [];
beforeEach(async () => {
  archive = new TestArchive(urls.kafka);
  await archive.createTopic();
  opened = await openTestEngines(archive, urls);
  await ensureTopics(opened.engines.admin, [{ topic: `${archive.topic}-rejected`, partitions: 1, config: {} }]);
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
  await opened.close();
  await archive.close();
});

/** As long as one of its partitions is stopped, it counts the others. */
async function start(): Promise<Service> {
  const { admin, producer, clickhouse, register, sinkGroup } = opened.engines;
  const sink = await startSink({
    event: 'click',
    kafka: archive.kafka,
    admin,
    producer,
    clickhouse,
    register,
    nowMs: Date.now,
    topics: [archive.topic],
    groupId: sinkGroup,
    log: archive.log,
    rejectedTopic: `${archive.topic}-rejected`,
    dedupeWindowMs: 600_000,
    metrics: new Registry(),
    onFailure: (error) => {
      throw error;
    },
  });
  running.push(sink);
  return sink;
}

const found = (count: number) =>
  eventually(`${count} findings`, async () => {
    const codes = (await openFindings(opened.engines.register)).map(({ code }) => code);
    return codes.length === count && codes;
  });

async function countedInRealtime(): Promise<number> {
  const query = 'SELECT count() AS clicks FROM ads.clicks WHERE startsWith(ad_id, {ad:String})';
  const [row] = await rows<{ clicks: number }>(opened.engines.clickhouse, query, { ad: archive.topic });
  return row?.clicks ?? 0;
}

/** Everything sent is archived and counted. */
async function arrived(): Promise<void> {
  const cut = await cutNow(opened.engines);
  await archiveReached(opened.engines, cut, 'test');
  await sinkReached(opened.engines, cut);
}

const clicks = (day: string, count: number, name: string) => clicksOfDay(day, count, `${archive.topic}-${name}`);

test('a topic that was made anew goes on under new names: nothing is counted twice, and nothing is left out', async () => {
  const { engines } = opened;
  const [sink, first] = [await start(), await archive.startArchiver()];
  await archive.send(clicks(CUT, 100, 'before'));
  await arrived();
  await Promise.all([sink.stop(), first.stop()]);
  await engines.admin.deleteTopics({ topics: [archive.topic] });
  await eventually('the topic is gone', async () => !(await engines.admin.listTopics()).includes(archive.topic));
  const config = { 'message.timestamp.type': 'LogAppendTime' };
  await ensureTopics(engines.admin, [{ topic: archive.topic, partitions: PARTITIONS, config }]);
  // Copies of clicks that were counted under the old name are still copies.
  await archive.send([...clicks(CUT, 40, 'after'), ...clicks(CUT, 30, 'before')]);

  const stopped = await start();
  const archiver = await archive.startArchiver();
  // Kafka forgets what a group committed somewhat after it has deleted the topic.
  const stoppedBy = new Set(['group_reset', 'log_cut']);
  expect((await found(2 * PARTITIONS)).filter((code) => !stoppedBy.has(code))).toEqual([]);
  expect(await countedInRealtime()).toBe(100);
  await Promise.all([stopped.stop(), archiver.stop()]);

  for (let partition = 0; partition < PARTITIONS; partition++) {
    const plan = await planRename({ ...engines, kafka: archive.kafka }, archive.topic, partition);
    expect(plan).toMatchObject({ from: 0, next: `${archive.topic}~2-${partition}` });
    await rename(engines, plan, { reason: 'made anew', requestedBy: 'test', nowMs: Date.now() });
  }
  await start();
  await archive.startArchiver();
  await arrived();
  expect(await countedInRealtime()).toBe(140);
  const run = await rebuildDay(engines, { day: CUT, reason: 'test', requestedBy: 'test' });
  expect(run).toMatchObject({ clicks: 140, difference: 0, verdict: 'balanced' });
});

test('messages that left Kafka unarchived are archived from what was counted of them', async () => {
  const { engines } = opened;
  await start();
  await archive.send(clicks(SKIPPED, 60, 'gone'));
  await eventually('all are counted', async () => (await countedInRealtime()) === 60);
  const ends = await endOffsets(engines.admin, archive.topic);
  const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }));
  for (const [partition, to] of ends) {
    const place = { topic: archive.topic, partition };
    expect(await skipGap(engines, place, to, true)).toMatchObject({ from: 0, to, rows: to, lost: 0 });
  }
  await engines.admin.deleteTopicRecords({ topic: archive.topic, partitions });
  for (const [partition, to] of ends) {
    const gap = await skipGap(engines, { topic: archive.topic, partition }, to, false);
    expect(gap).toEqual({ from: 0, to, rows: to, lost: 0, missing: [] });
    expect(await skipGap(engines, { topic: archive.topic, partition }, to, false)).toBeNull();
  }
  await archive.startArchiver();
  await archive.send(clicks(SKIPPED, 30, 'then'));
  await archiveReached(engines, await cutNow(engines), 'test');
  const run = await rebuildDay(engines, { day: SKIPPED, reason: 'test', requestedBy: 'test' });
  expect(run).toMatchObject({ clicks: 90, difference: 0, verdict: 'balanced' });
});
