import { fileURLToPath } from 'node:url';
import { encodeMessage, realtimePartitions } from '../domain/ad_minutes.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { groupsOf, minutesIndex, minutesName, stateIndexOf } from '../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs } from '../domain/time.ts';
import { createElasticsearch, type ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import { connectProducer, endOffsets } from '../infra/clients/kafka.ts';
import { putTemplates } from '../infra/migrate.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { sum } from './arithmetic.ts';
import { messagesOf } from './minutes.ts';
import { untilCommitted } from './path.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Metered, Round, Work } from './types.ts';
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
      ours: () => byIndexer(site, elasticsearch, startMs, work.ads, { click: work.rows }),
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
  const { eventKinds } = site.config;
  const existing = await elasticsearch.indices.get({
    index: eventKinds.flatMap((event) => [`${minutesName(event)}-*`, `${stateIndexOf(event)}*`]),
  });
  for (const name of Object.keys(existing)) await elasticsearch.indices.delete({ index: name });
}

/**
 * Indexes all that the queues have, by an indexer that works on these kinds.
 * @param rows in the queue of each kind
 */
export async function byIndexer(
  site: BenchSite,
  elasticsearch: ElasticsearchClient,
  startMs: number,
  ads: number,
  rows: Partial<Record<EventKind, number>>,
): Promise<Round> {
  await startOver(site, elasticsearch);
  const kinds = Object.keys(rows) as EventKind[];
  for (const event of kinds) await send(site, event, startMs, { rows: rows[event] ?? 0, ads });
  const role = await site.startRole('indexer', site.newFolder(), { EVENT_KINDS: kinds.join() });
  const used = meter({ indexer: role.pid, ...site.engines });
  const reads = kinds.map((event) => ({ group: groupsOf(event).indexer, topic: minutesName(event) }));
  const ends = await Promise.all(reads.map(({ topic }) => endOffsets(site.admin, topic)));
  await untilCommitted(site, reads, sum(ends.flatMap((ofTopic) => [...ofTopic.values()])), role.check);
  const indexes = kinds.map((event) => ({ index: minutesIndex(event, dayOf(startMs), 'rt'), rows: rows[event] ?? 0 }));
  return ended(elasticsearch, indexes, used, role);
}

async function send(site: BenchSite, event: EventKind, startMs: number, { rows, ads }: Rows): Promise<void> {
  const producer = await connectProducer(site.queue.kafka);
  const [partition = 0] = realtimePartitions(AD_MINUTES_PARTITIONS);
  for (const message of messagesOf(startMs, rows, ads)) {
    const value = encodeMessage({ kind: 'minutes', day: dayOf(startMs), source: 'rt', rows: message });
    await producer.send({ topic: minutesName(event), messages: [{ partition, value }] });
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
  return ended(elasticsearch, [{ index, rows }], used, sender);
}

/** Rows that are missing at the end were not indexed. */
async function ended(
  elasticsearch: ElasticsearchClient,
  indexes: readonly { index: string; rows: number }[],
  used: () => Metered,
  process: Running,
): Promise<Round> {
  await elasticsearch.indices.refresh({ index: indexes.map(({ index }) => index) });
  const phase = { name: 'index', rows: sum(indexes.map(({ rows }) => rows)), ...used() };
  await process.stop();
  for (const { index, rows } of indexes) {
    const { count } = await elasticsearch.count({ index });
    if (count !== rows) throw new Error(`${index} has ${count} documents, not ${rows}`);
  }
  return { phases: [phase], facts: {} };
}
