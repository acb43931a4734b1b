import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dropOldRejected, fileRejected } from '../batch/nightly/file_rejected.ts';
import { DAY_MS } from '../domain/time.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, ensureTopics, type Producer } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { openFindings } from '../infra/register/findings.ts';
import { readRejections } from '../ingest/redrive/topic.ts';
import { memoryRegister } from './support/memory_register.ts';
import { lineOfRejected, rejectedLine } from './support/rejected.ts';
import { eventually } from './support/wait.ts';

const log = createLog('rejected-files-test');
log.level = 'silent';
const kafka = createKafka(engineUrls(readConfig(inject('env'))).kafka, 'rejected-files-test', log);
const admin = kafka.admin();
const archives: string[] = [];
let producer: Producer;
beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  for (const folder of archives) rmSync(folder, { recursive: true });
});

async function place() {
  const topic = `rejected-files-${randomUUID().slice(0, 8)}`;
  const archiveDir = mkdtempSync(join(tmpdir(), 'clickledger-rejected-files-'));
  archives.push(archiveDir);
  await ensureTopics(admin, [{ topic, partitions: 1, config: {} }]);
  const engines = { kafka, admin, archiveDir, register: memoryRegister(), log };
  const reject = (...numbers: number[]) =>
    producer.send({ topic, acks: -1, messages: numbers.map((n) => rejectedLine(n, lineOfRejected('ad', n))) });
  const file = (fileBytes?: number) => fileRejected(engines, topic, Date.now(), fileBytes);
  /** The places of the lines, in the order in which they are passed. */
  const read = async (): Promise<number[]> => {
    const found: number[] = [];
    await readRejections(engines, topic, async (rejections) => {
      found.push(...rejections.map(({ key }) => Number(key.split(':').at(-1))));
    });
    return found;
  };
  /** As Kafka does when the messages are old. */
  const removeBelow = async (offset: number) => {
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    await eventually('the messages are removed', async () => {
      const [partition] = await admin.fetchTopicOffsets(topic);
      return Number(partition?.low) >= offset ? true : null;
    });
  };
  return { topic, archiveDir, engines, reject, file, read, removeBelow };
}

test('files and topic together have each rejected line once, whatever of the topic is gone', async () => {
  const { engines, reject, file, read, removeBelow } = await place();
  expect([await file(), await read()]).toEqual([0, []]);
  await reject(0, 1, 2);
  expect(await read()).toEqual([0, 1, 2]);
  // A range for each line.
  expect(await file(1)).toBe(3);
  expect(await read()).toEqual([0, 1, 2]);
  expect(await file()).toBe(0);
  // Rejected again after a crash, under the same key.
  await reject(2, 3, 4);
  expect(await read()).toEqual([0, 1, 2, 3, 4]);
  expect(await file()).toBe(3);
  await reject(5);
  await removeBelow(6);
  expect(await read()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await file()).toBe(1);
  expect(await openFindings(engines.register)).toEqual([]);
});

test('lines go REJECTED_DAYS after they were rejected, by a moved clock, and stay gone', async () => {
  const { engines, reject, file, read } = await place();
  await reject(0, 1);
  await file();
  const now = Date.now();
  dropOldRejected(engines, 365, now + 365 * DAY_MS);
  expect(await read()).toEqual([0, 1]);
  dropOldRejected(engines, 365, now + 366 * DAY_MS);
  expect(await read()).toEqual([]);
  dropOldRejected(engines, 1_000, now);
  expect(await read()).toEqual([]);
  await reject(2);
  expect(await read()).toEqual([2]);
});

test('lines that Kafka removed before they were in files are a finding', async () => {
  const { engines, topic, reject, file, read, removeBelow } = await place();
  await reject(0);
  await file();
  await reject(1, 2, 3);
  await removeBelow(3);
  expect(await file()).toBe(1);
  expect(await read()).toEqual([0, 3]);
  expect((await openFindings(engines.register)).map(({ code, what }) => [code, what])).toEqual([
    ['rejected_lost', expect.stringContaining(`2 rejected lines of ${topic} before offset 3`)],
  ]);
});

test.each([
  ['all of them', 3, [], 3],
  ['the first ones', 2, [2], 2],
])('lines that Kafka removes while they are put into files are a finding: %s', async (_, below, left, lost) => {
  const { engines, topic, reject, read, removeBelow } = await place();
  await reject(0, 1, 2);
  let isRemoved = false;
  const removing: typeof admin = {
    ...admin,
    fetchTopicOffsets: async (of) => {
      const offsets = await admin.fetchTopicOffsets(of);
      if (!isRemoved) await removeBelow(below);
      isRemoved = true;
      return offsets;
    },
  };
  expect(await fileRejected({ ...engines, admin: removing }, topic, Date.now())).toBe(left.length);
  expect(await read()).toEqual(left);
  expect((await openFindings(engines.register)).map(({ code, what }) => [code, what])).toEqual([
    ['rejected_lost', expect.stringContaining(`${lost} rejected lines of ${topic} before offset 3`)],
  ]);
});

test.each([
  ['shorter', [10]],
  ['longer', [10, 11, 12, 13]],
])('a topic that was made anew and is %s is read from its first message', async (_, numbers) => {
  const { topic, reject, file, read } = await place();
  await reject(0, 1);
  await file();
  await admin.deleteTopics({ topics: [topic] });
  await eventually('the topic is gone', async () => ((await admin.listTopics()).includes(topic) ? null : true));
  await ensureTopics(admin, [{ topic, partitions: 1, config: {} }]);
  await reject(...numbers);
  expect(await read()).toEqual([0, 1, ...numbers]);
  expect(await file()).toBe(numbers.length);
  expect(await read()).toEqual([0, 1, ...numbers]);
});
