import {
  type AdMinutesMessage,
  encodeMessage,
  type FiltersSince,
  realtimePartitions,
} from '../../domain/ad_minutes.ts';
import { ALL_CLICKS } from '../../domain/filters/filter.ts';
import { filterKey, type RegisteredFilter } from '../../domain/filters/filter_revision.ts';
import type { PartitionNames } from '../../domain/partition_names.ts';
import { countedMessages } from '../../domain/tops.ts';
import { boundaryOf, isAhead, type PartitionProgress, watermark } from '../../domain/watermark.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, type BrokerClock, committedOffsetsOf, endOffsetsOf } from '../../infra/clients/kafka.ts';
import { readCurrentFilters } from '../../infra/filters.ts';
import { decodeProgress } from '../sink/intent.ts';
import type { Announcements } from './announcements.ts';
import { closedMinutes, groupRanges, type OffsetRange, reopenedMinutes } from './minutes.ts';
import { Outbox, type OutboxPorts } from './outbox.ts';
import type { Published } from './progress.ts';
import type { TopAdsPublisher } from './top_ads.ts';

export interface PublisherPorts extends OutboxPorts {
  admin: Admin;
  /** The broker's. */
  clock: Pick<BrokerClock, 'read'>;
  clickhouse: ClickHouseClient;
  clicksTopics: string[];
  sinkGroup: string;
  readNames(): Promise<PartitionNames>;
  allowedLatenessMs: number;
  tops: Pick<TopAdsPublisher, 'publish'>;
  /**
   * Whether readers replace a boundary by an earlier one that is announced later. If they do not, it must stay: they
   * would go on with the one they have, and miss what is not sent for the minutes before it.
   */
  canGoBack: boolean;
  /**
   * Called when the saved boundary lies ahead of the broker's clock.
   * @param toMs to where it was taken back; null: it could not be
   */
  onAhead(boundaryMs: number, toMs: number | null): Promise<void>;
  /** Asked once for each announcement. */
  announcements: Pick<Announcements, 'next'>;
}

/** The sink's progress, read from Kafka: committed offsets, and the watermark derived from them. */
async function readSink(
  ports: Pick<PublisherPorts, 'admin' | 'clock' | 'clicksTopics' | 'sinkGroup' | 'readNames' | 'allowedLatenessMs'>,
): Promise<{ offsets: Map<string, number>; watermarkMs: number | null; nowMs: number }> {
  // The clock is read first: anything appended later cannot have arrived before this time.
  const nowMs = await ports.clock.read();
  const names = await ports.readNames();
  const ends = await endOffsetsOf(ports.admin, ports.clicksTopics, names);
  const committed = await committedOffsetsOf(ports.admin, ports.sinkGroup, ports.clicksTopics, names);
  const progress = [...ends.keys()].map((name) => {
    const entry = committed.get(name);
    return { name, ...decodeProgress(entry?.offset ?? 0, entry?.metadata ?? '') };
  });
  // Counted beyond the end: since the ends were read, or the log has lost its end, and what it now has is not counted.
  const isBeyond = progress.some(({ name, offset }) => offset > (ends.get(name) ?? 0));
  const endsAfter = isBeyond ? await endOffsetsOf(ports.admin, ports.clicksTopics, names) : ends;
  const offsets = new Map(progress.map(({ name, offset }) => [name, offset]));
  const partitions = progress.map(({ name, offset, arrivedMs }): PartitionProgress => {
    return { caughtUp: offset >= (ends.get(name) ?? 0) && offset <= (endsAfter.get(name) ?? 0), arrivedMs };
  });
  return { offsets, watermarkMs: watermark(partitions, nowMs, ports.allowedLatenessMs), nowMs };
}

/** A registered filter whose rows are sent, for the minutes from `sinceMs` on. */
type Sent = RegisteredFilter & { sinceMs: number };

/**
 * One step: sends the counts, for all clicks and for each registered filter, of minutes that closed since the last step
 * and of closed minutes that received more clicks; then announces up to where everything was sent. Counts are absolute,
 * so repeating a step (if the process was killed before the caller saved it) changes nothing. A filter that no step has
 * covered yet begins with the minutes that close now: earlier minutes never get its rows.
 * @param saved what the last step returned
 * @returns `saved` itself if nothing changed
 */
export async function publishStep(ports: PublisherPorts, saved: Published): Promise<Published> {
  const { offsets: counted, watermarkMs, nowMs } = await readSink(ports);
  if (watermarkMs === null) return saved;
  const wasAhead = saved.boundaryMs !== null && isAhead(saved.boundaryMs, nowMs);
  const last = wasAhead && ports.canGoBack ? takenBack(saved, boundaryOf(watermarkMs)) : saved;
  // Logs that go on under another name, and partitions of a removed region, keep their offsets: counts never decrease.
  const offsets = new Map([...last.offsets, ...counted]);
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
  if (wasAhead) await ports.onAhead(saved.boundaryMs ?? 0, ports.canGoBack ? boundaryMs : null);
  const version = countedMessages(offsets);
  await ports.tops.publish({ changed, closedFromMs, boundaryMs, watermarkMs, version, announced });
  if (boundaryMs === saved.boundaryMs && same(offsets, saved.offsets) && sameFilters(filters, saved.filters))
    return saved;
  return { version: saved.version + 1, offsets, boundaryMs, filters };
}

/**
 * What was published, with its boundary taken back. Rows of the minutes in between were sent as they were counted by
 * then; they are sent again, and for each filter, when these minutes close. Until then answers count them in ClickHouse,
 * as those of any other open minute.
 */
function takenBack(saved: Published, boundaryMs: number): Published {
  const filters = Object.entries(saved.filters).map(([key, sinceMs]) => [key, Math.min(sinceMs, boundaryMs)]);
  return { ...saved, boundaryMs, filters: Object.fromEntries(filters) };
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
