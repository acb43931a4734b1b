import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, TOPICS } from '../../domain/names.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka } from '../../infra/clients/kafka.ts';
import { clickHouseOf, forEachKind } from '../../infra/kinds.ts';
import { openRegister } from '../../infra/register/open.ts';
import { startSink } from './sink.ts';

export const startRealtime = forEachKind(async ({ config, event, log, metrics, clock, fail }) => {
  const kafka = createKafka(kafkaAddress(config), 'clickledger-realtime', log);
  const clickhouse = clickHouseOf(config, event);
  const admin = kafka.admin();
  await admin.connect();
  const producer = await connectProducer(kafka);
  const sink = await startSink({
    event,
    kafka,
    admin,
    producer,
    clickhouse,
    topics: eventTopics(event, config.regions),
    rejectedTopic: TOPICS.rejected,
    groupId: groupsOf(event).sink,
    dedupeWindowMs: config.dedupeWindowMs[event],
    register: openRegister(config),
    nowMs: () => clock.nowMs(),
    log,
    metrics,
    onFailure: fail,
  });
  return {
    async stop() {
      await sink.stop();
      await Promise.all([producer.disconnect(), admin.disconnect(), clickhouse.close()]);
    },
  };
});
