import type { ProducerBatch } from 'kafkajs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Records } from '../infra/clients/kafka.ts';
import { Sender } from './produce.ts';

const recordsOf = (partition: number, messages: number): Records => {
  const records = new Records(partition);
  for (let n = 0; n < messages; n++) records.addMessage('key', 'value');
  return records;
};
const some = recordsOf(3, 2);
const none = recordsOf(0, 0);
const log = pino({ level: 'silent' });
const events = new Map([['clicks', [none, some]]]);

/** A broker that refuses the given number of batches and keeps the others. */
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

test('events and rejected lines go to their topics, partitions and topics without messages are left out', async () => {
  const { connect, taken } = broker(0);
  const sender = new Sender(connect, 'clicks-rejected', 0, log);
  const rejected = recordsOf(0, 1);
  await sender.send({ events: new Map([...events, ['clicks.eu', [some, some]]]), rejected });
  await sender.send({ events, rejected: none });
  expect(taken.map(({ topicMessages }) => topicMessages)).toEqual([
    [
      { topic: 'clicks', messages: [some] },
      { topic: 'clicks.eu', messages: [some, some] },
      { topic: 'clicks-rejected', messages: [rejected] },
    ],
    [{ topic: 'clicks', messages: [some] }],
  ]);
});

test('a refused batch is sent again, by another producer each time', async () => {
  const { connect, taken, told } = broker(2);
  await new Sender(connect, 'clicks-rejected', 0, log).send({ events, rejected: none });
  expect(taken).toHaveLength(1);
  expect(told).toEqual(['connect', 'disconnect', 'connect', 'disconnect', 'connect']);
});

test('a closed sender gives up', async () => {
  const { connect, taken } = broker(Number.POSITIVE_INFINITY);
  const sender = new Sender(connect, 'clicks-rejected', 0, log);
  const sent = sender.send({ events, rejected: none });
  await sender.close();
  await expect(sent).rejects.toThrow('not now');
  expect(taken).toEqual([]);
});
