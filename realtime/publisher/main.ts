import { Counter, Gauge } from 'prom-client';
import { clicksTopics, GROUPS, TOPICS } from '../../domain/names.ts';
import { iso } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka, requireTopics } from '../../infra/clients/kafka.ts';
import { reportFinding, settleFinding } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { repeat } from '../../infra/repeat.ts';
import type { StartRole } from '../../infra/role.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { readPublishedProgress, savePublished } from './progress.ts';
import { publishStep } from './publish.ts';
import { TopAdsPublisher } from './top_ads.ts';
import { countTopAds, sendTopAds } from './top_ads_queries.ts';

const AHEAD = 'publisher-boundary';

export const startPublisher: StartRole = async ({ config, log, metrics, clock }) => {
  const urls = engineUrls(config);
  const kafka = createKafka(urls.kafka, 'clickledger-publisher', log);
  const clickhouse = createClickHouse(urls.clickhouse);
  const admin = kafka.admin();
  await admin.connect();
  const topics = clicksTopics(config.regions);
  await requireTopics(admin, [...topics, TOPICS.adMinutes, TOPICS.adTops, TOPICS.clock]);
  const producer = await connectProducer(kafka);
  const boundary = new Gauge({
    name: 'clickledger_publisher_boundary_seconds',
    help: 'Minutes before this instant have been sent to the second queue',
    registers: [metrics],
  });
  const takenBack = new Counter({
    name: 'clickledger_publisher_boundary_taken_back_total',
    help: "How often minutes were announced as closed that lay ahead of the broker's clock",
    registers: [metrics],
  });
  const register = openRegister(config);
  // Reported by a process that was killed before it had saved the right boundary: settled after the first step.
  let isSettled = false;
  async function onTakenBack(fromMs: number, toMs: number): Promise<void> {
    isSettled = false;
    takenBack.inc();
    const what = `minutes up to ${iso(fromMs)} were announced as closed before the broker's clock had reached them; the boundary is taken back to ${iso(toMs)}`;
    log.error(what);
    await reportFinding(register, AHEAD, {
      code: 'boundary_ahead',
      what: `${what}. Counts were right; watermark, boundary and freshness were not`,
      mend: 'nothing for the counts; see that all clocks agree ("clickledger status" names those that do not)',
      range: { from: iso(toMs), to: iso(fromMs) },
      found_at: iso(clock.nowMs()),
    });
  }
  const tops = new TopAdsPublisher({
    count: (endMs) => countTopAds(clickhouse, endMs),
    send: (messages) => sendTopAds(producer, TOPICS.adTops, messages),
    nowMs: () => performance.now(),
  });
  let published = await readPublishedProgress(clickhouse);
  log.info({ boundaryMs: published.boundaryMs }, 'resuming from the last published step');
  const loop = repeat(TIMINGS.publishStepMs, async () => {
    const step = await publishStep(
      {
        admin,
        clock,
        onTakenBack,
        producer,
        clickhouse,
        tops,
        clicksTopics: topics,
        sinkGroup: GROUPS.sink,
        adMinutesTopic: TOPICS.adMinutes,
        adMinutesPartitions: AD_MINUTES_PARTITIONS,
        allowedLatenessMs: config.allowedLatenessMs,
      },
      published,
    );
    if (step !== published) await savePublished(clickhouse, step);
    published = step;
    if (!isSettled) await settleFinding(register, AHEAD, 'the boundary was taken back');
    isSettled = true;
    if (published.boundaryMs !== null) boundary.set(published.boundaryMs / 1000);
  });
  return {
    async stop() {
      await loop.stop();
      await Promise.all([producer.disconnect(), admin.disconnect(), clickhouse.close()]);
    },
  };
};
