import { randomUUID } from 'node:crypto';
import { createKafka } from '../../infra/clients/kafka.ts';
import { createLog } from '../../infra/log.ts';

/** A peer of the archive, in its own process: reads a topic to its end and discards it. */
const [brokers = '', topic = '', messages = ''] = process.argv.slice(2);
const log = createLog('reader');
log.level = 'warn';
const consumer = createKafka(brokers.split(','), 'clickledger-bench', log).consumer({
  groupId: `drop-${randomUUID()}`,
});
let left = Number(messages);
consumer.on(consumer.events.GROUP_JOIN, () => process.stdout.write('reading\n'));
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    left -= batch.messages.length;
    if (left <= 0) process.stdout.write('read all\n');
  },
});
process.stdin.once('end', () => process.exit(0)).resume();
