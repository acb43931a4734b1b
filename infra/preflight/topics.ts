import { z } from 'zod';
import { type EventKind, eventOfTopic } from '../../domain/event_kinds.ts';
import { count, time } from '../../domain/fields.ts';
import { DAY_MS, dayOf, dayStartMs, iso, MINUTE_MS } from '../../domain/time.ts';
import { type Admin, requireTopics, topicFacts } from '../clients/kafka.ts';
import type { Log } from '../log.ts';
import { reportFinding, settleFinding } from '../register/findings.ts';
import { numbered, type Register } from '../register/register.ts';
import { RefusedError } from './refused.ts';
import { CHECKED, faultsOf, type TopicFault } from './topic_rules.ts';

interface CheckedTopics {
  register: Register;
  brokers: readonly string[];
  /** All that the role reads or writes. */
  topics: readonly string[];
  /** Those of them that clicks are counted from: their partitions are on record. */
  clicksTopics: readonly string[];
  /** The window of each kind whose events are counted. */
  dedupeWindowMs: Readonly<Record<EventKind, number>>;
  log: Log;
}

const partitionsRecord = z.object({ partitions: count, at: time });

/** Within this time after a topic has grown every log monitor has the new number. */
const ALL_KNOW_MS = 10 * MINUTE_MS;

let hasWarned = false;

/**
 * Compares the topics with what they must be. What is wrong becomes a finding, and one that is right again is settled.
 * Throws a RefusedError (one line) if counts would be wrong.
 * @returns the number of partitions of each topic
 */
export async function checkTopics(
  admin: Admin,
  checked: CheckedTopics,
  nowMs: number,
): Promise<ReadonlyMap<string, number>> {
  const { register, topics, clicksTopics, brokers, log } = checked;
  await requireTopics(admin, topics);
  const found = await topicFacts(admin, topics);
  const fatal: TopicFault[] = [];
  for (const facts of found) {
    if (facts.settings === null && !hasWarned) {
      hasWarned = true;
      log.warn({ topic: facts.topic }, 'settings of topics may not be read (DESCRIBE_CONFIGS): they are not checked');
    }
    const isRecorded = clicksTopics.includes(facts.topic);
    const recorded = isRecorded ? await lastRecorded(register, facts.topic) : null;
    const faults = faultsOf(facts, recorded?.partitions ?? null, brokers);
    await keepFindings(register, facts.topic, facts.settings !== null, faults, nowMs);
    fatal.push(...faults.filter(({ isFatal }) => isFatal));
    if (isRecorded && !faults.some(({ isFatal }) => isFatal))
      await recordPartitions(checked, facts.topic, facts.partitions, nowMs);
  }
  if (fatal.length > 0) throw new RefusedError(fatal.map(({ what, mend }) => `${what}: ${mend}`).join('; '));
  return new Map(found.map(({ topic, partitions }) => [topic, partitions]));
}

async function keepFindings(
  register: Register,
  topic: string,
  isReadable: boolean,
  faults: TopicFault[],
  nowMs: number,
): Promise<void> {
  for (const setting of CHECKED) {
    const name = `topic-${topic}/${setting}`;
    const fault = faults.find((one) => one.setting === setting);
    if (fault) {
      const { what, mend, isFatal } = fault;
      const finding = { code: 'topic_settings', what, mend, range: null, found_at: iso(nowMs) };
      await reportFinding(register, name, isFatal ? finding : { ...finding, is_operational: true });
    } else if (isReadable || setting === 'partitions') await settleFinding(register, name, 'it is right again');
  }
}

const keyOf = (topic: string): string => `topics/${topic}/partitions/`;

async function lastRecorded(register: Register, topic: string) {
  const last = (await register.list(keyOf(topic))).at(-1);
  return last === undefined ? null : register.read(partitionsRecord, last);
}

/** The first number of partitions, and each larger one, with a finding about the clicks that came around then. */
async function recordPartitions(
  { register, dedupeWindowMs }: CheckedTopics,
  topic: string,
  partitions: number,
  nowMs: number,
): Promise<void> {
  const event = eventOfTopic(topic) ?? 'click';
  const before = await lastRecorded(register, topic);
  const name = `topic-${topic}/grown`;
  if (before?.partitions === partitions) {
    const until = dayStartMs(dayOf(Date.parse(before.at) + ALL_KNOW_MS)) + 2 * DAY_MS;
    if (nowMs > until) await settleFinding(register, name, 'the days were counted by runs since');
    return;
  }
  const next = (await register.list(keyOf(topic))).length + 1;
  await register.create(`${keyOf(topic)}${numbered(next)}`, { partitions, at: iso(nowMs) });
  if (before === null) return;
  await reportFinding(register, name, {
    code: 'topic_has_grown',
    what:
      `topic ${topic} has ${partitions} partitions, it had ${before.partitions}: a copy of ${event === 'impression' ? 'an' : 'a'} ${event} that was sent ` +
      'around then may lie in another partition, where real time counts it again; the run of the day does not',
    mend: 'nothing, if all log monitors reach this broker: each notices within a minute and starts again with the new number',
    range: {
      from: iso(dayStartMs(dayOf(nowMs - dedupeWindowMs[event]))),
      to: iso(dayStartMs(dayOf(nowMs + ALL_KNOW_MS)) + DAY_MS),
    },
    found_at: iso(nowMs),
  });
}
