import { EVENT_KINDS, PLURAL } from '../../domain/event_kinds.ts';
import { minutesName, TOPICS } from '../../domain/names.ts';
import { HOUR_MS } from '../../domain/time.ts';
import { AD_MINUTES_PARTITIONS } from '../topics.ts';

/** What a broker says of a topic. */
export interface TopicFacts {
  topic: string;
  partitions: number;
  /** Null: this user may not read them. */
  settings: ReadonlyMap<string, string> | null;
}

/** What a topic is and must not be. */
export interface TopicFault {
  topic: string;
  /** A setting of the topic, or `partitions`. */
  setting: string;
  /** One sentence: what it is, what it must be, and why. */
  what: string;
  mend: string;
  /** Whether counts would be wrong: a role does not start. Otherwise an operator should know. */
  isFatal: boolean;
}

/** The settings that faults may be about. */
export const CHECKED = ['message.timestamp.type', 'cleanup.policy', 'retention.ms', 'partitions'] as const;

/** What is shorter may be gone before a role that was down for a night has read it. */
const LEAST_RETENTION_MS = 24 * HOUR_MS;

const isOfEvents = (topic: string): boolean =>
  Object.values(PLURAL).some((plural) => topic === plural || topic.startsWith(`${plural}.`));
const isQueue = (topic: string): boolean => EVENT_KINDS.some((event) => topic === minutesName(event));

/**
 * @param recorded partitions of a topic of clicks when this platform first used it, or since they were last seen to
 *   grow; null: not on record
 */
export function faultsOf(
  { topic, partitions, settings }: TopicFacts,
  recorded: number | null,
  brokers: readonly string[],
): TopicFault[] {
  const server = `--bootstrap-server ${brokers.join(',')}`;
  const alter = (setting: string, value: string): string =>
    `kafka-configs.sh ${server} --alter --entity-type topics --entity-name ${topic} --add-config ${setting}=${value}`;
  const faults: TopicFault[] = [];
  const add = (setting: string, is: string, must: string, mend: string, isFatal = true): void => {
    faults.push({ topic, setting, what: `topic ${topic}: ${setting} is ${is}, must be ${must}`, mend, isFatal });
  };

  const stamps = settings?.get('message.timestamp.type');
  if ((isOfEvents(topic) || topic === TOPICS.clock) && stamps !== undefined && stamps !== 'LogAppendTime') {
    const mend = `${alter('message.timestamp.type', 'LogAppendTime')} (or make the topic anew before it is first used)`;
    const must = 'LogAppendTime: the arrival of a click, and what time it is, goes by the clock of the broker';
    add('message.timestamp.type', stamps, must, mend);
  }
  const cleanup = settings?.get('cleanup.policy');
  if (cleanup !== undefined && cleanup !== 'delete') {
    const must = 'delete: compaction removes messages that are not counted yet';
    add('cleanup.policy', cleanup, must, alter('cleanup.policy', 'delete'));
  }
  const retention = settings?.get('retention.ms');
  if ((isOfEvents(topic) || isQueue(topic)) && retention !== undefined && isShort(Number(retention))) {
    const must = `at least ${LEAST_RETENTION_MS} (a day): a role that is down for a night would find messages gone`;
    add('retention.ms', retention, must, alter('retention.ms', String(7 * LEAST_RETENTION_MS)), false);
  }
  if (isQueue(topic) && partitions < AD_MINUTES_PARTITIONS) {
    const mend = `kafka-topics.sh ${server} --alter --topic ${topic} --partitions ${AD_MINUTES_PARTITIONS}`;
    add('partitions', String(partitions), `${AD_MINUTES_PARTITIONS}: the last one carries the runs`, mend);
  }
  if (recorded !== null && partitions < recorded) {
    const must = `at least ${recorded}, as on record: the topic was made anew, and its offsets have begun again`;
    add('partitions', String(partitions), must, 'see docs/operations.md, "A lost or older engine"');
  }
  return faults;
}

/** -1: for ever. */
const isShort = (retentionMs: number): boolean => retentionMs >= 0 && retentionMs < LEAST_RETENTION_MS;
