import { fileURLToPath } from 'node:url';
import { encodeMessage, realtimePartitions } from '../domain/ad_minutes.ts';
import { minutesIndex, minutesName, stateIndexOf } from '../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs } from '../domain/time.ts';
import { createElasticsearch, type ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import { committedOffsets, connectProducer, endOffsets } from '../infra/clients/kafka.ts';
import { putTemplates } from '../infra/migrate.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { sum } from './arithmetic.ts';
import { messagesOf } from './minutes.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Metered, Round, Work } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const BULK = fileURLToPath(new URL('./index/bulk.ts', import.meta.url));
const ENCODED = fileURLToPath(new URL('./index/encoded.ts', import.meta.url));
const CEILING = 'encoded beforehand, two connections: the ceiling';

/** The cost of indexing each ad-minute once, even if rows come twice or late. */
export const index: Benchmark = {
  name: 'index',
  about: 'ad-minutes → Elasticsearch, beside the bulk helper with the same documents',
  sides: {
    ours: 'the indexer: from Kafka, repeatable, the highest count of each row stays',
    peer: 'the bulk helper of the client, from memory, an id for each',
  },
  engines: ['kafka', 'elasticsearch'],
  rows: 500_000,
  takesAds: true,
  async prepare(site, work) {
    const elasticsearch = createElasticsearch(site.urls.elasticsearch);
    await putTemplates(elasticsearch);
    const startMs = dayStartMs(dayOf(Date.now() - DAY_MS));
    return {
      ours: () => byIndexer(site, elasticsearch, startMs, work),
      peer: () => byProgram(site, elasticsearch, startMs, work, { name: 'helper', path: BULK }),
      others: { [CEILING]: () => byProgram(site, elasticsearch, startMs, work, { name: 'poster', path: ENCODED }) },
    };
  },
  targets: ({ ratio }) => [{ what: 'rows/s, ours ÷ peer', value: ratio, atLeast: 0.85 }],
};

type Rows = Pick<Work, 'rows' | 'ads'>;

/** Resets the indexer, as if nothing had ever been indexed. */
async function startOver(site: BenchSite, elasticsearch: ElasticsearchClient): Promise<void> {
  await site.emptyTopics();
  await site.forgetIndexer();
  const existing = await elasticsearch.indices.get({
    index: [`${minutesName('click')}-*`, `${stateIndexOf('click')}*`],
  });
  for (const name of Object.keys(existing)) await elasticsearch.indices.delete({ index: name });
}

async function byIndexer(
  site: BenchSite,
  elasticsearch: ElasticsearchClient,
  startMs: number,
  { rows, ads }: Rows,
): Promise<Round> {
  await startOver(site, elasticsearch);
  await send(site, startMs, { rows, ads });
  const { topic, group } = site.queue;
  const role = await site.startRole('indexer', site.newFolder());
  const used = meter({ indexer: role.pid, ...site.engines });
  const last = sum((await endOffsets(site.admin, topic)).values());
  await until('all rows are indexed', async () => {
    role.check();
    return sum([...(await committedOffsets(site.admin, group, topic)).values()].map(({ offset }) => offset)) >= last;
  });
  return ended(elasticsearch, minutesIndex('click', dayOf(startMs), 'rt'), rows, used, role);
}

async function send(site: BenchSite, startMs: number, { rows, ads }: Rows): Promise<void> {
  const producer = await connectProducer(site.queue.kafka);
  const [partition = 0] = realtimePartitions(AD_MINUTES_PARTITIONS);
  for (const message of messagesOf(startMs, rows, ads)) {
    const value = encodeMessage({ kind: 'minutes', day: dayOf(startMs), source: 'rt', rows: message });
    await producer.send({ topic: site.queue.topic, messages: [{ partition, value }] });
  }
  await producer.disconnect();
}

/** Indexes with a program that reports when it begins, and when all is sent. */
async function byProgram(
  site: BenchSite,
  elasticsearch: ElasticsearchClient,
  startMs: number,
  { rows, ads }: Rows,
  { name, path }: { name: string; path: string },
): Promise<Round> {
  await startOver(site, elasticsearch);
  const index = minutesIndex('click', dayOf(startMs), 'r1');
  await elasticsearch.indices.create({ index });
  const sender = site.startProgram(name, path, [index, `${startMs}`, `${rows}`, `${ads}`]);
  await sender.says('begins');
  const used = meter({ [name]: sender.pid, ...site.engines });
  await sender.says('done');
  return ended(elasticsearch, index, rows, used, sender);
}

/** Rows that are missing at the end were not indexed. */
async function ended(
  elasticsearch: ElasticsearchClient,
  index: string,
  rows: number,
  used: () => Metered,
  process: Running,
): Promise<Round> {
  await elasticsearch.indices.refresh({ index });
  const phase = { name: 'index', rows, ...used() };
  await process.stop();
  const { count } = await elasticsearch.count({ index });
  if (count !== rows) throw new Error(`${index} has ${count} documents, not ${rows}`);
  return { phases: [phase], facts: {} };
}
