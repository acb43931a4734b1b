/** Names shared by several stages: topics, consumer groups, databases and indexes. */
import { EVENT_KINDS, type EventKind, PLURAL } from './event_kinds.ts';

export const TOPICS = {
  rejected: 'clicks-rejected',
  /** Records that are written only to learn when the broker appended them. */
  clock: 'clickledger-clock',
} as const;

/** Lower-case letters and digits, parts joined by dashes: no other topic's name can begin with `clicks.`. */
export const isRegion = (text: string): boolean => text.length <= 30 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);

/** What clicks have had since before there were other kinds keeps its name; the others add theirs. */
const named = (name: string, event: EventKind, joint: '-' | '_' = '-'): string =>
  event === 'click' ? name : `${name}${joint}${PLURAL[event]}`;

/** Consumer groups. */
export const groupsOf = (event: EventKind) => ({
  sink: named('realtime-sink', event),
  archive: named('archive', event),
  indexer: named('indexer', event),
  tops: named('indexer-tops', event),
});

/** `ads`, `ads_impressions`: in ClickHouse and in Hive. Each kind has the same tables, views and migrations in its own. */
export const databaseOf = (event: EventKind): string => named('ads', event, '_');
/** One that is there before any of ours. */
export const NO_DATABASE = 'default';

/** `clicks-3`, `clicks.eu-3`: the column `topic_partition` of raw clicks. */
export const topicPartition = (topic: string, partition: number): string => `${topic}-${partition}`;
export const topicOf = (topicPartition: string): string => topicPartition.slice(0, topicPartition.lastIndexOf('-'));
/** `clicks.eu-3` → topic and partition. */
export function placeOf(topicPartition: string): { topic: string; partition: number } {
  const topic = topicOf(topicPartition);
  return { topic, partition: Number(topicPartition.slice(topic.length + 1)) };
}

/** The origin of a day's minutes in Elasticsearch: the real-time path, or run n of the batch path. */
export type Source = 'rt' | `r${number}`;
export const runSource = (run: number): Source => `r${run}`;

/** The first word of what a kind has in the second queue and in Elasticsearch. */
const FIRST_WORD = { click: 'ad', impression: 'impression', conversion: 'conversion' } as const;
const KIND_OF = new Map<string, EventKind>(EVENT_KINDS.map((event) => [FIRST_WORD[event], event]));

/** `ad-minutes`, `impression-minutes`: the second queue, and the alias of the indexes that answer. */
export const minutesName = (event: EventKind): string => `${FIRST_WORD[event]}-minutes`;
/** `ad-tops`: the topic of top lists. */
export const topsName = (event: EventKind): string => `${FIRST_WORD[event]}-tops`;
const hoursName = (event: EventKind): string => `${FIRST_WORD[event]}-hours`;

/** `ad-minutes-2021.01.01-rt`, `ad-minutes-2021.01.01-r3`: one index for each day and source. */
export const minutesIndex = (event: EventKind, day: string, source: Source): string =>
  `${minutesName(event)}-${day.replaceAll('-', '.')}-${source}`;
/** All indexes of minutes of a day. */
export const minutesIndexes = (event: EventKind, day: string): string =>
  `${minutesName(event)}-${day.replaceAll('-', '.')}-*`;
/** `ad-hours-2021.01.01-r3`: the same events of a run by hour, beside its minutes but never in their alias. */
export const hoursIndex = (event: EventKind, day: string, source: Source): string =>
  `${hoursName(event)}-${day.replaceAll('-', '.')}-${source}`;
/** All indexes of hours of a day. */
export const hoursIndexes = (event: EventKind, day: string): string =>
  `${hoursName(event)}-${day.replaceAll('-', '.')}-*`;
/** Indexes of minutes and hours of all days. */
export const allIndexes = (event: EventKind): string[] => [`${minutesName(event)}-*`, `${hoursName(event)}-*`];

const INDEX = /^([a-z]+)-(minutes|hours)-(\d{4})\.(\d{2})\.(\d{2})-(rt|r\d+)$/;
interface ParsedIndex {
  event: EventKind;
  day: string;
  source: Source;
}
/** What the name of an index of minutes or hours says; null: it is another index. */
export function parseIndex(name: string): (ParsedIndex & { grain: 'minutes' | 'hours' }) | null {
  const [, word = '', grain, year, month, day, source] = INDEX.exec(name) ?? [];
  const event = KIND_OF.get(word);
  if (event === undefined) return null;
  return { event, grain: grain as 'minutes' | 'hours', day: `${year}-${month}-${day}`, source: source as Source };
}
export function parseMinutesIndex(name: string): ParsedIndex | null {
  const found = parseIndex(name);
  return found?.grain === 'minutes' ? found : null;
}

/** The partition of ads.clicks_per_minute_batch that holds a run. */
export const runPartition = (day: string, run: number): string => `${day.replaceAll('-', '')}-${run}`;

/**
 * The indexer's own state: one document for each partition of the second queue, and one for the days whose real-time
 * counts were given up.
 */
export const stateIndexOf = (event: EventKind): string => named('clickledger-indexer', event);
export const DAYS_ID = 'days';
/** The index of the top ads it has applied, and the state document that holds their version. */
export const topsIndex = (stateIndex: string): string => `${stateIndex}-tops`;
export const TOPS_ID = 'tops';
