/** Names shared by several stages: topics, consumer groups and indexes. */

export const TOPICS = {
  clicks: 'clicks',
  rejected: 'clicks-rejected',
  adMinutes: 'ad-minutes',
  adTops: 'ad-tops',
  /** Records that are written only to learn when the broker appended them. */
  clock: 'clickledger-clock',
} as const;

/** Lower-case letters and digits, parts joined by dashes: no other topic's name can begin with `clicks.`. */
export const isRegion = (text: string): boolean => text.length <= 30 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);

/** `clicks.eu`; without a region `clicks`. */
export const clicksTopic = (region: string | null): string =>
  region === null ? TOPICS.clicks : `${TOPICS.clicks}.${region}`;

/** Every topic that clicks are counted from. */
export const clicksTopics = (regions: readonly string[]): string[] => [null, ...regions].map(clicksTopic);

export const GROUPS = { sink: 'realtime-sink', archive: 'archive', indexer: 'indexer', tops: 'indexer-tops' } as const;

/** The database of clicks, in ClickHouse and in Hive. */
export const CLICKS_DATABASE = 'ads';
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

export const MINUTES_ALIAS = 'ad-minutes';
const HOURS = 'ad-hours';
/** `ad-minutes-2021.01.01-rt`, `ad-minutes-2021.01.01-r3`: one index for each day and source. */
export const minutesIndex = (day: string, source: Source): string =>
  `${MINUTES_ALIAS}-${day.replaceAll('-', '.')}-${source}`;
/** All indexes of a day. */
export const minutesIndexes = (day: string): string => `${MINUTES_ALIAS}-${day.replaceAll('-', '.')}-*`;

const INDEX = /^ad-minutes-(\d{4})\.(\d{2})\.(\d{2})-(rt|r\d+)$/;
export function parseMinutesIndex(name: string): { day: string; source: Source } | null {
  const match = INDEX.exec(name);
  return match && { day: `${match[1]}-${match[2]}-${match[3]}`, source: match[4] as Source };
}
/** Day and source of a minutes or hours index. */
export const parseIndex = (name: string): { day: string; source: Source } | null =>
  parseMinutesIndex(name.startsWith(`${HOURS}-`) ? name.replace(HOURS, MINUTES_ALIAS) : name);

/** `ad-hours-2021.01.01-r3`: the same clicks of a run by hour, beside its minutes but never in their alias. */
export const hoursIndex = (day: string, source: Source): string => `${HOURS}-${day.replaceAll('-', '.')}-${source}`;
/** Hours indexes of all days. */
export const HOURS_INDEXES = `${HOURS}-*`;

/** The partition of ads.clicks_per_minute_batch that holds a run. */
export const runPartition = (day: string, run: number): string => `${day.replaceAll('-', '')}-${run}`;

/**
 * The indexer's own state: one document for each partition of `ad-minutes`, and one for the days whose real-time counts
 * were given up.
 */
export const STATE_INDEX = 'clickledger-indexer';
export const DAYS_ID = 'days';
/** The index of the top ads it has applied, and the state document that holds their version. */
export const topsIndex = (stateIndex: string): string => `${stateIndex}-tops`;
export const TOPS_ID = 'tops';
