import type { ProducerBatch } from 'kafkajs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Sender } from './produce.ts';

const click = { key: 'ad1', value: Buffer.from('click'), partition: 3 };
const rejected = { key: 'place', value: '{}', partition: 0 };
const log = pino({ level: 'silent' });
const clicks = new Map([['clicks', [click]]]);

/** A broker that refuses as many batches as told, and keeps the others. */
function broker(refusals: number) {
  const told: string[] = [];
  const taken: ProducerBatch[] = [];
  const connect = async () => {
    told.push('connect');
    return {
      async sendBatch(batch: ProducerBatch) {
        if (refusals-- > 0) throw new Error('not now');
        taken.push(batch);
        return [];
      },
      async disconnect() {
        told.push('disconnect');
      },
    };
  };
  return { told, taken, connect };
}

test('clicks and rejected lines go to their topics, a topic without messages is left out', async () => {
  const { connect, taken } = broker(0);
  const sender = new Sender(connect, 'clicks-rejected', 0, log);
  await sender.send({ clicks: new Map([...clicks, ['clicks.eu', [click, click]]]), rejected: [rejected] });
  await sender.send({ clicks, rejected: [] });
  expect(taken.map(({ topicMessages }) => topicMessages)).toEqual([
    [
      { topic: 'clicks', messages: [click] },
      { topic: 'clicks.eu', messages: [click, click] },
      { topic: 'clicks-rejected', messages: [rejected] },
    ],
    [{ topic: 'clicks', messages: [click] }],
  ]);
});

test('a batch that was not taken is sent again, by another producer each time', async () => {
  const { connect, taken, told } = broker(2);
  await new Sender(connect, 'clicks-rejected', 0, log).send({ clicks, rejected: [] });
  expect(taken).toHaveLength(1);
  expect(told).toEqual(['connect', 'disconnect', 'connect', 'disconnect', 'connect']);
});

test('a sender that is closed gives up', async () => {
  const { connect, taken } = broker(Number.POSITIVE_INFINITY);
  const sender = new Sender(connect, 'clicks-rejected', 0, log);
  const sent = sender.send({ clicks, rejected: [] });
  await sender.close();
  await expect(sent).rejects.toThrow('not now');
  expect(taken).toEqual([]);
});
