import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { encodeClick } from '../domain/click/wire.ts';
import type { RedriveResult } from '../domain/run_request.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import {
  committedOffsets,
  connectProducer,
  createKafka,
  endOffsets,
  ensureTopics,
  type Producer,
} from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import type { Service } from '../infra/role.ts';
import { RedriveRecord } from '../ingest/redrive/record.ts';
import { redrive } from '../ingest/redrive/redrive.ts';
import { startSink } from '../realtime/sink/sink.ts';
import { testRegister } from './support/register.ts';
import { lineOfRejected, rejectedLine, rejectedMessage } from './support/rejected.ts';
import { eventually } from './support/wait.ts';

const PARTITIONS = 2;
/** Clicks sent at a time, and recorded at a time. */
const SEND = 500;
const CHUNK = 5_000;
const urls = engineUrls(readConfig(inject('env')));
const log = createLog('rejected-test');
log.level = 'error';
const kafka = createKafka(urls.kafka, 'rejected-test', log);
const clickhouse = createClickHouse(urls.clickhouse);
const admin = kafka.admin();
let producer: Producer;
/** No lines were put into files. */
const archiveDir = join(tmpdir(), `clickledger-redrive-${randomUUID()}`);
const sinks: Service[] = [];

beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
});
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.stop();
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), clickhouse.close()]);
});

/** Topics, a sink and ads for one test. The sink remembers nothing: it counts duplicates twice. */
async function place() {
  const ad = `redrive-test-${randomUUID().slice(0, 8)}`;
  const destinations = [{ event: 'click' as const, topic: ad, sinkGroup: ad }];
  const places = { brokers: urls.kafka.brokers, rejectedTopic: `${ad}-rejected`, destinations };
  await ensureTopics(admin, [
    { topic: ad, partitions: PARTITIONS, config: { 'message.timestamp.type': 'LogAppendTime' } },
    { topic: places.rejectedTopic, partitions: 1, config: {} },
  ]);
  const sink = await startSink({
    event: 'click',
    kafka,
    admin,
    producer,
    clickhouse,
    log,
    dedupeWindowMs: 0,
    topics: [ad],
    groupId: ad,
    rejectedTopic: places.rejectedTopic,
    register: testRegister(),
    nowMs: Date.now,
    metrics: new Registry(),
    onFailure: (error) => {
      throw error;
    },
  });
  sinks.push(sink);
  return { ad, places };
}
type Place = Awaited<ReturnType<typeof place>>;

const reject = ({ places }: Place, messages: { key: string | null; value: string }[]) =>
  producer.send({ topic: places.rejectedTopic, acks: -1, messages });

const rejectMany = async (here: Place, many: number): Promise<void> => {
  const messages = Array.from({ length: many }, (_, n) =>
    rejectedLine(n, lineOfRejected(here.ad, n, `, , ua="user ${n}"`)),
  );
  // The broker's limit is 1 MiB at a time.
  for (let from = 0; from < many; from += 1_000) await reject(here, messages.slice(from, from + 1_000));
};

const drive = (
  { places }: Place,
  send: Producer['send'] = producer.send,
  canAnnotate = true,
): Promise<RedriveResult> => {
  const annotations = { canAnnotate: () => canAnnotate, beforeSend: async () => {} };
  const engines = { kafka, admin, archiveDir, clickHouseOf: () => clickhouse, producer: { send }, annotations };
  return redrive(engines, places, { nowMs: Date.now(), report: () => {} });
};

const result = (some: Partial<RedriveResult>): RedriveResult => ({
  sent: 0,
  found_sent: 0,
  settled_before: 0,
  copies: 0,
  annotations_left_out: 0,
  not_run: 0,
  still_rejected: {},
  ...some,
});

/** The counts once the sink has read everything that was sent. */
async function counted({ ad }: Place): Promise<{ rows: number; clicks: number; minutes: number }> {
  await eventually('the sink has caught up', async () => {
    const committed = await committedOffsets(admin, ad, ad);
    const ends = await endOffsets(admin, ad);
    return [...ends].every(([partition, end]) => end === (committed.get(partition)?.offset ?? 0));
  });
  const [row] = await rows<{ rows: number; clicks: number; minutes: number }>(
    clickhouse,
    `SELECT count() AS rows, uniqExact(event_id) AS clicks,
            (SELECT sum(clicks) FROM ads.minutes_by_ad WHERE ad_id = {ad:String}) AS minutes
     FROM ads.clicks WHERE ad_id = {ad:String}`,
    { ad },
  );
  return row ?? { rows: 0, clicks: 0, minutes: 0 };
}

const once = (clicks: number) => ({ rows: clicks, clicks, minutes: clicks });

describe('redrive', () => {
  test('a rejection that is now valid is counted once, under its position; an invalid one stays rejected', async () => {
    const here = await place();
    const click = { event_id: 'm1', ad_id: here.ad, click_timestamp: Date.UTC(2007, 0, 1), user_id: 'u', ip: '::1' };
    // The sink itself rejects foreign messages.
    await producer.send({ topic: here.ad, messages: [{ value: 'not ours', partition: 1 }] });
    await eventually('a message that the sink rejected', async () => {
      return [...(await endOffsets(admin, here.places.rejectedTopic)).values()][0] === 1;
    });
    await reject(here, [
      rejectedLine(1, lineOfRejected(here.ad, 1)),
      rejectedLine(2, lineOfRejected(here.ad, 2, ', with-id')),
      rejectedLine(1, lineOfRejected(here.ad, 1)),
      rejectedLine(3, lineOfRejected(here.ad, 2, ', with-id')),
      rejectedLine(4, '[AdClickEvent] nobody', 'bad_field_count'),
      rejectedMessage('clicks-0', 5, encodeClick({ ...click, country: 'USA' })),
      { key: null, value: 'a message that is not ours' },
    ]);
    const still_rejected = { bad_message: 2, bad_field_count: 1 };
    expect(await drive(here)).toEqual(result({ sent: 3, copies: 1, still_rejected }));
    expect(await counted(here)).toEqual(once(3));
    expect(await drive(here)).toEqual(result({ settled_before: 4, still_rejected }));
    expect(await counted(here)).toEqual(once(3));
    // The record points to exactly these rows.
    expect(
      await rows(
        clickhouse,
        `SELECT rejection, event_id FROM ads.redriven INNER JOIN ads.clicks USING (topic_partition, topic_offset, event_id)
         WHERE rejected_topic = {topic:String} AND state = 'sent' ORDER BY rejection`,
        { topic: here.places.rejectedTopic },
      ),
    ).toEqual([
      { rejection: 'clicks-0-5', event_id: 'm1' },
      { rejection: 'web-1:g:1', event_id: 'web-1:g:1' },
      { rejection: 'web-1:g:2', event_id: 'with-id' },
    ]);
  });

  test.each([
    { point: 'before it sends', when: 'before', found: 2 * SEND },
    { point: 'after it sent, before that is recorded', when: 'after', found: 2 * SEND + 250 },
  ])('killed $point, and run again: each is counted once', async ({ when, found }) => {
    const here = await place();
    const many = 2 * SEND + 250;
    await rejectMany(here, many);
    expect(await killedAt(3, when, here)).toBe('SIGKILL');
    const again = await drive(here);
    expect({ ...again, ...(await counted(here)) }).toEqual({
      ...result({ found_sent: found, sent: many - found }),
      ...once(many),
    });
    expect(await drive(here)).toEqual(result({ settled_before: many }));
    // Those too of which only the record of the killed one knew.
    const annotated =
      "SELECT count() AS n FROM ads.clicks WHERE ad_id = {ad:String} AND annotations = map('ua', user_id)";
    expect(await rows(clickhouse, annotated, { ad: here.ad })).toEqual([{ n: many }]);
  });

  test('annotations that a reader does not read are left out, and counted', async () => {
    const here = await place();
    await rejectMany(here, 2);
    expect(await drive(here, producer.send, false)).toEqual(result({ sent: 2, annotations_left_out: 2 }));
    expect(await counted(here)).toEqual(once(2));
    const annotated = 'SELECT count() AS n FROM ads.clicks WHERE ad_id = {ad:String} AND notEmpty(annotations)';
    expect(await rows(clickhouse, annotated, { ad: here.ad })).toEqual([{ n: 0 }]);
  });

  test('one that the sink has rejected again is not a duplicate of itself: it is sent again', async () => {
    const here = await place();
    await reject(here, [rejectedLine(1, lineOfRejected(here.ad, 1))]);
    expect(await drive(here)).toMatchObject({ sent: 1 });
    const [sent] = await rows<{ topic_partition: string; topic_offset: number }>(
      clickhouse,
      "SELECT topic_partition, topic_offset FROM ads.redriven WHERE rejected_topic = {topic:String} AND state = 'sent'",
      { topic: here.places.rejectedTopic },
    );
    const fields = { user_id: 'user 1', ip: '10.0.0.1', country: 'US' };
    const click = { event_id: 'web-1:g:1', ad_id: here.ad, click_timestamp: Date.UTC(2007, 0, 1, 0, 1), ...fields };
    await reject(here, [
      rejectedMessage(String(sent?.topic_partition), Number(sent?.topic_offset), encodeClick(click)),
    ]);
    expect(await drive(here)).toMatchObject({ sent: 1, settled_before: 1 });
    expect(await drive(here)).toMatchObject({ sent: 0, settled_before: 2 });
  });

  test('of two at once the second is refused, and the first continues', async () => {
    const here = await place();
    await reject(here, [rejectedLine(1, lineOfRejected(here.ad, 1))]);
    let refused: unknown;
    const first = drive(here, async (record) => {
      refused = await drive(here).catch((error) => error);
      return producer.send(record);
    });
    expect(await first).toMatchObject({ sent: 1 });
    expect(String(refused)).toContain('another re-drive is at work');
    expect(await counted(here)).toEqual(once(1));
  });

  test('one that detects another re-drive on another machine ends before it sends more', async () => {
    const here = await place();
    await rejectMany(here, CHUNK + 500);
    const elsewhere = new RedriveRecord(clickhouse, here.places.rejectedTopic);
    const fields = { user_id: 'u', ip: '::1', country: 'US' };
    const click = { event_id: 'elsewhere', ad_id: here.ad, click_timestamp: Date.UTC(2007, 0, 1), ...fields };
    const meanwhile = drive(here, async (record) => {
      await elsewhere.add('sending', [
        { rejection: 'web-1:g:elsewhere', reason: 'bad_country', click, annotations: new Map() },
      ]);
      return producer.send(record);
    });
    await expect(meanwhile).rejects.toThrow('another re-drive has begun elsewhere');
    expect(await counted(here)).toEqual(once(CHUNK));
    expect(await drive(here)).toEqual(result({ sent: 501, settled_before: CHUNK }));
    expect(await counted(here)).toEqual(once(CHUNK + 501));
  });
});

/** Re-drives in a process that kills itself before or after its n-th send. Resolves to the signal it ended by. */
function killedAt(n: number, when: string, { places }: Place): Promise<NodeJS.Signals | null> {
  const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { createClickHouse } from ${url('../infra/clients/clickhouse.ts')};
    import { connectProducer, createKafka } from ${url('../infra/clients/kafka.ts')};
    import { createLog } from ${url('../infra/log.ts')};
    import { redrive } from ${url('../ingest/redrive/redrive.ts')};
    const places = ${JSON.stringify(places)};
    const archiveDir = ${JSON.stringify(archiveDir)};
    const kafka = createKafka(${JSON.stringify(urls.kafka)}, 'rejected-test', createLog('rejected-test'));
    const admin = kafka.admin();
    await admin.connect();
    const producer = await connectProducer(kafka);
    const clickhouse = createClickHouse(${JSON.stringify(urls.clickhouse)});
    let sends = 0;
    const send = async (record) => {
      const isLast = ++sends === ${n};
      if (isLast && '${when}' === 'before') process.kill(process.pid, 'SIGKILL');
      const acknowledged = await producer.send(record);
      if (isLast) process.kill(process.pid, 'SIGKILL');
      return acknowledged;
    };
    const annotations = { canAnnotate: () => true, beforeSend: async () => {} };
    const engines = { kafka, admin, archiveDir, clickHouseOf: () => clickhouse, producer: { send }, annotations };
    await redrive(engines, places, { nowMs: Date.now(), report: () => {} });
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
}
