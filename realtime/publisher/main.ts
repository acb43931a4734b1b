import { Gauge } from 'prom-client';
import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, minutesName, TOPICS, topsName } from '../../domain/names.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka, requireTopics, versionsRead } from '../../infra/clients/kafka.ts';
import { clickHouseOf, forEachKind } from '../../infra/kinds.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { repeat } from '../../infra/repeat.ts';
import { timingsOf } from '../../infra/timings.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { Announcements } from './announcements.ts';
import { BoundaryAhead } from './boundary_ahead.ts';
import { readPublishedProgress, savePublished } from './progress.ts';
import { publishStep } from './publish.ts';
import { TopAdsPublisher } from './top_ads.ts';
import { countTopAds, sendTopAds } from './top_ads_queries.ts';

export const startPublisher = forEachKind(async ({ config, event, log, metrics, clock }) => {
  const register = openRegister(config);
  const kafka = createKafka(kafkaAddress(config), 'clickledger-publisher', log);
  const clickhouse = clickHouseOf(config, event);
  const admin = kafka.admin();
  await admin.connect();
  const topics = eventTopics(event, config.regions);
  await requireTopics(admin, [...topics, minutesName(event), topsName(event), TOPICS.clock]);
  const producer = await connectProducer(kafka);
  const boundary = new Gauge({
    name: 'clickledger_publisher_boundary_seconds',
    help: 'Minutes before this instant have been sent to the second queue',
    registers: [metrics],
  });
  const ahead = new BoundaryAhead({ event, register, metrics, log, nowMs: () => clock.nowMs() });
  const tops = new TopAdsPublisher({
    count: (endMs) => countTopAds(clickhouse, endMs),
    send: (messages) => sendTopAds(producer, topsName(event), messages),
    nowMs: () => performance.now(),
  });
  const announcements = await Announcements.open({
    register,
    versionsRead: () => versionsRead(admin, [groupsOf(event).indexer, groupsOf(event).tops]),
  });
  let published = await readPublishedProgress(clickhouse);
  log.info({ boundaryMs: published.boundaryMs }, 'resuming from the last published step');
  const loop = repeat(timingsOf(event).publishStepMs, async () => {
    const step = await publishStep(
      {
        admin,
        clock,
        // Announcements without a version are ordered by their watermarks.
        canGoBack: announcements.haveVersions,
        onAhead: (boundaryMs, toMs) => ahead.found(boundaryMs, toMs),
        producer,
        clickhouse,
        tops,
        announcements,
        clicksTopics: topics,
        sinkGroup: groupsOf(event).sink,
        readNames: () => readPartitionNames(register),
        adMinutesTopic: minutesName(event),
        adMinutesPartitions: AD_MINUTES_PARTITIONS,
        allowedLatenessMs: config.allowedLatenessMs,
      },
      published,
    );
    if (step !== published) await savePublished(clickhouse, step);
    published = step;
    await ahead.stepSaved();
    if (published.boundaryMs !== null) boundary.set(published.boundaryMs / 1000);
  });
  return {
    async stop() {
      await loop.stop();
      await Promise.all([producer.disconnect(), admin.disconnect(), clickhouse.close()]);
    },
  };
});
