import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, TOPICS } from '../../domain/names.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka } from '../../infra/clients/kafka.ts';
import { openRegister } from '../../infra/register/open.ts';
import type { StartRole } from '../../infra/role.ts';
import { startSink } from './sink.ts';

export const startRealtime: StartRole = async ({ config, log, metrics, clock, fail }) => {
  const urls = engineUrls(config);
  const kafka = createKafka(urls.kafka, 'clickledger-realtime', log);
  const clickhouse = createClickHouse(urls.clickhouse);
  const admin = kafka.admin();
  await admin.connect();
  const producer = await connectProducer(kafka);
  const sink = await startSink({
    kafka,
    admin,
    producer,
    clickhouse,
    topics: eventTopics('click', config.regions),
    rejectedTopic: TOPICS.rejected,
    groupId: groupsOf('click').sink,
    dedupeWindowMs: config.dedupeWindowMs,
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
};
