import { decodeMessage } from '../../domain/ad_minutes.ts';
import { groupsOf, minutesName, stateIndexOf, topsName } from '../../domain/names.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { decodeTops } from '../../domain/tops.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { forEachKind } from '../../infra/kinds.ts';
import { openRegister } from '../../infra/register/open.ts';
import { openRestore } from '../../infra/register/restores.ts';
import { stageSeconds } from '../../infra/stage_seconds.ts';
import { timingsOf } from '../../infra/timings.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { consume, prepareState } from './consume.ts';
import { createIndexer } from './indexer.ts';
import { Pace } from './pace.ts';
import { createSetAside } from './set_aside.ts';
import { openTopsIndexer } from './tops.ts';
import { createUnseenReport } from './unseen.ts';

/** A late response is better than sending the same rows again to an Elasticsearch that is already busy. */
const REQUEST_LIMIT_MS = 120_000;
/** Rows may be of tomorrow: a click's time is at most a day after its arrival. No day from the one after on has any. */
const ROWS_AHEAD_MS = 2 * DAY_MS;

export const startIndexer = forEachKind(async ({ config, event, log, metrics, clock, fail }) => {
  const urls = engineUrls(config);
  const elasticsearch = createElasticsearch(urls.elasticsearch, REQUEST_LIMIT_MS);
  const kafka = createKafka(urls.kafka, 'clickledger-indexer', log);
  const { indexerFetchMs: fetchMs } = timingsOf(event);
  const queue = { kafka, topic: minutesName(event), group: groupsOf(event).indexer, fetchMs };
  const stateIndex = stateIndexOf(event);
  const register = openRegister(config);
  const restore = await openRestore(register, 'elasticsearch');
  const unseenBefore = dayOf((await clock.read()) + ROWS_AHEAD_MS);
  await prepareState(elasticsearch, { event, stateIndex }, queue, restore === null ? null : { unseenBefore, restore });
  const { searchDays } = config;
  const indexer = createIndexer({
    event,
    elasticsearch,
    stateIndex,
    searchDays,
    log,
    metrics,
    pace: new Pace(),
    nowMs: () => clock.nowMs(),
  });
  const tops = await openTopsIndexer(elasticsearch, stateIndex);
  const setAside = createSetAside({ elasticsearch, stateIndex, log, metrics });
  const { ofMinutes, ofTops } = createUnseenReport({ register, log, metrics });
  const onApplied = stageSeconds(metrics, 'indexed', () => clock.nowMs());
  const ends = { setAside, onFailure: fail };
  const topsQueue = { kafka, topic: topsName(event), group: groupsOf(event).tops, fetchMs };
  const consumers = await Promise.all([
    consume(queue, AD_MINUTES_PARTITIONS, indexer, decodeMessage, { ...ends, onApplied, onUnseen: ofMinutes }),
    consume(topsQueue, 1, tops, decodeTops, { ...ends, onUnseen: ofTops }),
  ]);
  return {
    async stop() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await elasticsearch.close();
    },
  };
});
