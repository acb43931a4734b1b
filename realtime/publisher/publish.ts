import {
  type AdMinutesMessage,
  encodeMessage,
  type FiltersSince,
  realtimePartitions,
} from '../../domain/ad_minutes.ts';
import { ALL_CLICKS } from '../../domain/filters/filter.ts';
import { filterKey, type RegisteredFilter } from '../../domain/filters/filter_revision.ts';
import { countedMessages } from '../../domain/tops.ts';
import { boundaryOf, type PartitionProgress, watermark } from '../../domain/watermark.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, committedOffsetsOf, endOffsetsOf } from '../../infra/clients/kafka.ts';
import { readCurrentFilters } from '../../infra/filters.ts';
import { decodeProgress } from '../sink/intent.ts';
import type { Announcements } from './announcements.ts';
import { closedMinutes, groupRanges, type OffsetRange, reopenedMinutes } from './minutes.ts';
import { Outbox, type OutboxPorts } from './outbox.ts';
import type { Published } from './progress.ts';
import type { TopAdsPublisher } from './top_ads.ts';

export interface PublisherPorts extends OutboxPorts {
  admin: Admin;
  clickhouse: ClickHouseClient;
  clicksTopics: string[];
  sinkGroup: string;
  allowedLatenessMs: number;
  tops: Pick<TopAdsPublisher, 'publish'>;
  /** Asked once for each announcement. */
  announcements: Pick<Announcements, 'next'>;
}

/** The sink's progress, read from Kafka: committed offsets, and the watermark derived from them. */
async function readSink(
  ports: Pick<PublisherPorts, 'admin' | 'clicksTopics' | 'sinkGroup' | 'allowedLatenessMs'>,
): Promise<{ offsets: Map<string, number>; watermarkMs: number | null }> {
  // The clock is read first: anything appended later cannot have arrived before this time.
  const nowMs = Date.now();
  const ends = await endOffsetsOf(ports.admin, ports.clicksTopics);
  const committed = await committedOffsetsOf(ports.admin, ports.sinkGroup, ports.clicksTopics);
  const offsets = new Map<string, number>();
  const partitions: PartitionProgress[] = [];
  for (const [topicPartition, end] of ends) {
    const entry = committed.get(topicPartition);
    const { offset, arrivedMs } = decodeProgress(entry?.offset ?? 0, entry?.metadata ?? '');
    offsets.set(topicPartition, offset);
    partitions.push({ caughtUp: offset >= end, arrivedMs });
  }
  return { offsets, watermarkMs: watermark(partitions, nowMs, ports.allowedLatenessMs) };
}

/** A registered filter whose rows are sent, for the minutes from `sinceMs` on. */
type Sent = RegisteredFilter & { sinceMs: number };

/**
 * One step: sends the counts, for all clicks and for each registered filter, of minutes that closed since the last step
 * and of closed minutes that received more clicks; then announces up to where everything was sent. Counts are absolute,
 * so repeating a step (if the process was killed before the caller saved it) changes nothing. A filter that no step has
 * covered yet begins with the minutes that close now: earlier minutes never get its rows.
 * @returns `last` itself if nothing changed
 */
export async function publishStep(ports: PublisherPorts, last: Published): Promise<Published> {
  const { offsets: counted, watermarkMs } = await readSink(ports);
  // Partitions of a removed region keep their offsets: counts never decrease.
  const offsets = new Map([...last.offsets, ...counted]);
  if (watermarkMs === null) return last;
  const boundaryMs = Math.max(boundaryOf(watermarkMs), last.boundaryMs ?? 0);
  // Nothing was published before the first step, so every closed minute counts as re-opened.
  const closedFromMs = last.boundaryMs ?? boundaryMs;
  const sent = (await readCurrentFilters(ports.clickhouse)).map(
    (filter): Sent => ({ ...filter, sinceMs: last.filters[filterKey(filter)] ?? closedFromMs }),
  );
  const outbox = new Outbox(ports);
  const changed = new Set<number>();
  for (const ranges of groupRanges(countedSince(last.offsets, offsets))) {
    const minutes = await sendReopened(ports, outbox, ranges, closedFromMs, sent);
    for (const minuteMs of minutes) changed.add(minuteMs);
  }
  if (boundaryMs > closedFromMs) await sendClosed(ports, outbox, { fromMs: closedFromMs, toMs: boundaryMs }, sent);
  await outbox.flush();
  const filters = Object.fromEntries(sent.map((filter) => [filterKey(filter), filter.sinceMs]));
  const announced = await ports.announcements.next();
  await announce(ports, { ...announced, boundaryMs, watermarkMs, filters });
  const version = countedMessages(offsets);
  await ports.tops.publish({ changed, closedFromMs, boundaryMs, watermarkMs, version, announced });
  if (boundaryMs === last.boundaryMs && same(offsets, last.offsets) && sameFilters(filters, last.filters)) return last;
  return { version: last.version + 1, offsets, boundaryMs, filters };
}

const countedSince = (last: Map<string, number>, offsets: Map<string, number>): OffsetRange[] =>
  [...offsets]
    .map(([topicPartition, toOffset]) => ({ topicPartition, fromOffset: last.get(topicPartition) ?? 0, toOffset }))
    .filter(({ fromOffset, toOffset }) => toOffset > fromOffset);

/** Returns the re-opened minutes. */
async function sendReopened(
  { clickhouse }: PublisherPorts,
  outbox: Outbox,
  ranges: OffsetRange[],
  toMs: number,
  filters: Sent[],
): Promise<Set<number>> {
  const minutes = new Set<number>();
  for await (const row of reopenedMinutes(clickhouse, ALL_CLICKS, ranges, { fromMs: 0, toMs })) {
    minutes.add(row[0]);
    await outbox.add(row, null);
  }
  const latestMs = [...minutes].reduce((latest, ms) => Math.max(latest, ms), Number.NEGATIVE_INFINITY);
  for (const filter of filters.filter(({ sinceMs }) => sinceMs <= latestMs)) {
    const since = { fromMs: filter.sinceMs, toMs };
    for await (const row of reopenedMinutes(clickhouse, filter.filter, ranges, since)) await outbox.add(row, filter);
  }
  return minutes;
}

async function sendClosed(
  { clickhouse }: PublisherPorts,
  outbox: Outbox,
  closed: { fromMs: number; toMs: number },
  filters: Sent[],
): Promise<void> {
  for await (const row of closedMinutes(clickhouse, ALL_CLICKS, closed)) await outbox.add(row, null);
  for (const filter of filters) {
    for await (const row of closedMinutes(clickhouse, filter.filter, closed)) await outbox.add(row, filter);
  }
}

/** Sent to each partition once all rows are acknowledged: no row of the minutes before it comes after it. */
async function announce(
  { producer, adMinutesTopic, adMinutesPartitions }: PublisherPorts,
  announcement: Omit<AdMinutesMessage & { kind: 'closed-to' }, 'kind'>,
): Promise<void> {
  const value = encodeMessage({ kind: 'closed-to', ...announcement });
  const messages = realtimePartitions(adMinutesPartitions).map((partition) => ({ partition, value }));
  await producer.send({ topic: adMinutesTopic, acks: -1, messages });
}

const same = (a: Map<string, number>, b: Map<string, number>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
const sameFilters = (a: FiltersSince, b: FiltersSince): boolean =>
  same(new Map(Object.entries(a)), new Map(Object.entries(b)));
