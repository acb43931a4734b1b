import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { decodeEvent } from '../domain/click/message.ts';
import { partitionOf } from '../domain/click/partition.ts';
import { kafkaAddress } from '../infra/clients/engines.ts';
import { createKafka, endOffsets, ensureTopics } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { kafkaSettings } from '../infra/engine_settings/addresses.ts';
import { createLog } from '../infra/log.ts';
import { eventually } from '../test/support/wait.ts';
import { ingestTotals } from './checkpoint.ts';
import { startMonitor } from './main.ts';

const QUIET_MS = 60_000;
const PARTITIONS = 4;
const suffix = randomUUID().slice(0, 8);
const clicks = `ingest-test-clicks-${suffix}`;
const topics = { clicks, counted: [clicks], rejected: `ingest-test-rejected-${suffix}` };

const address = kafkaAddress(readConfig(inject('env')));
const dataDir = mkdtempSync(join(tmpdir(), 'ingest-engines-'));
const config = readConfig({
  DATA_DIR: dataDir,
  ...kafkaSettings(address),
  HOST_ID: 'web-1',
  EVENT_KINDS: 'click',
});
const log = createLog('ingest-test');
const kafka = createKafka(address, 'ingest-test', log);
const admin = kafka.admin();

const path = (name: string): string => join(dataDir, 'logs', name);
const written: string[] = [];

/** Each click has its own user, so that it is unique. */
function append(name: string, lines: number): void {
  const users = Array.from({ length: lines }, (_, n) => `${name} ${written.length + n}`);
  written.push(...users);
  appendFileSync(
    path(name),
    users.map((user) => `[AdClickEvent] ad1, 2021-01-01 00:00:01, ${user}, ::1, USA\n`).join(''),
  );
}

const sentMessages = async (topic: string): Promise<number> =>
  [...(await endOffsets(admin, topic)).values()].reduce((sum, offset) => sum + offset, 0);

beforeAll(async () => {
  mkdirSync(join(dataDir, 'logs'));
  await admin.connect();
  await ensureTopics(admin, [
    { topic: topics.clicks, partitions: PARTITIONS, config: {} },
    { topic: topics.rejected, partitions: 1, config: {} },
  ]);
});

afterAll(async () => {
  await admin.deleteTopics({ topics: [topics.clicks, topics.rejected] });
  await admin.disconnect();
  rmSync(dataDir, { recursive: true });
});

/** A monitor in its own process, which can be killed. */
function spawnMonitor(): ChildProcess {
  const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { Registry } from 'prom-client';
    import { readConfig } from ${url('../infra/config.ts')};
    import { createLog } from ${url('../infra/log.ts')};
    import { startMonitor } from ${url('main.ts')};
    const context = { config: readConfig(process.env), log: createLog('ingest'), metrics: new Registry() };
    await startMonitor(context, ${JSON.stringify(topics)}, ${QUIET_MS});
  `;
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    ...kafkaSettings(address),
    HOST_ID: 'web-1',
    EVENT_KINDS: 'click',
  };
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function readTopic(topic: string, messages: number): Promise<{ partition: number; value: Buffer | null }[]> {
  const consumer = kafka.consumer({ groupId: `${topic}-reader` });
  const read: { partition: number; value: Buffer | null }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => void read.push({ partition, value: message.value }),
  });
  await eventually(`${messages} messages of ${topic}`, async () => read.length >= messages);
  await consumer.disconnect();
  return read;
}

test('three logs, one rotated while it is read, and a monitor that is killed: each line is one click', async () => {
  for (const name of ['a.log', 'b.log', 'c.log']) append(name, 15_000);
  const killed = spawnMonitor();
  const ended = new Promise((resolve) => killed.once('exit', resolve));
  await eventually('the first clicks', async () => (await sentMessages(topics.clicks)) > 0);
  append('b.log', 1_000);
  renameSync(path('b.log'), path('b.log.1'));
  append('b.log.1', 10);
  append('b.log', 1_000);
  await eventually('more clicks', async () => (await sentMessages(topics.clicks)) > 10_000);
  killed.kill('SIGKILL');
  await ended;

  append('a.log', 1_000);
  renameSync(path('c.log'), path('c.log.1'));
  append('c.log', 1_000);
  appendFileSync(path('c.log'), 'not a click\n');
  const monitor = await startMonitor({ config, log, metrics: new Registry() }, topics, QUIET_MS);
  const lines = written.length + 1;
  await eventually('every line', async () => ingestTotals(dataDir).lines >= lines);
  await monitor.stop();

  expect(ingestTotals(dataDir)).toMatchObject({ lines, clicks: lines - 1, rejected: 1 });
  const messages = await readTopic(topics.clicks, await sentMessages(topics.clicks));
  const userOf = new Map<string, string>();
  for (const { partition, value } of messages) {
    const decoded = decodeEvent(value, 'click', Date.now());
    if (!decoded.ok) throw new Error(decoded.reason);
    const { event_id, user_id } = decoded.click;
    expect(partitionOf(event_id, PARTITIONS)).toBe(partition);
    expect(userOf.get(event_id) ?? user_id).toBe(user_id);
    userOf.set(event_id, user_id);
  }
  expect([...userOf.values()].toSorted()).toEqual(written.toSorted());

  const [rejected] = await readTopic(topics.rejected, 1);
  expect(JSON.parse(String(rejected?.value))).toMatchObject({
    reason: 'not_a_click',
    line: 'not a click',
    host: 'web-1',
    file: path('c.log'),
  });
});

test('two monitors on one folder, by its path and by a link to it: the second begins when the first has ended', async () => {
  const folder = join(dataDir, 'two');
  mkdirSync(join(folder, 'logs'), { recursive: true });
  symlinkSync(folder, join(dataDir, 'link'));
  const start = (path: string) =>
    startMonitor(
      {
        config: readConfig({
          DATA_DIR: path,
          ...kafkaSettings(address),
          HOST_ID: 'web-1',
          EVENT_KINDS: 'click',
        }),
        log,
        metrics: new Registry(),
      },
      topics,
      QUIET_MS,
    );
  const append = (lines: number): void =>
    appendFileSync(
      join(folder, 'logs', 'a.log'),
      '[AdClickEvent] ad1, 2021-01-01 00:00:01, user, ::1, USA\n'.repeat(lines),
    );
  const before = await sentMessages(topics.clicks);
  append(100);
  const first = await start(folder);
  let hasBegun = false;
  const second = start(join(dataDir, 'link')).then((service) => {
    hasBegun = true;
    return service;
  });
  await eventually('the first lines', async () => ingestTotals(folder).lines === 100);
  append(100);
  await eventually('more lines', async () => ingestTotals(folder).lines === 200);
  expect(hasBegun).toBe(false);
  await first.stop();
  const later = await second;
  append(100);
  await eventually('the last lines', async () => ingestTotals(folder).lines === 300);
  await later.stop();
  expect((await sentMessages(topics.clicks)) - before).toBe(300);
});
