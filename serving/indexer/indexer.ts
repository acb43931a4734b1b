import { Counter, type Registry } from 'prom-client';
import { type AdMinutesMessage, runsPartition } from '../../domain/ad_minutes.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { minutesIndex, runSource } from '../../domain/names.ts';
import { dayOf } from '../../domain/time.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Log } from '../../infra/log.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import type { DaysDoc } from '../documents/days.ts';
import { boundaryId, currentDoc, currentId, putVersioned, readStateDoc, updateDays } from '../documents/state.ts';
import { type RowsOf, writeRows } from './bulk.ts';
import {
  admit,
  giveUpRealtime,
  giveUpUnseen,
  type IndexTarget,
  indexOf,
  isCurrent,
  isIndexed,
  isLost,
  letFormerRunsGo,
  makeRealtime,
  markLost,
  newDays,
  settleRun,
} from './days.ts';
import { alignAlias, createIndex, deleteFormerRuns, deleteGivenUp, type StateOfKind } from './indexes.ts';
import type { Pace } from './pace.ts';
import { PartitionStates, withAnnouncement, withPosition } from './partition_states.ts';
import type { Position, Unseen } from './reading.ts';
import { type Absent, deleteClosed, refresh } from './refresh.ts';
import { createRunIndexes, hoursOf } from './run_indexes.ts';

interface IndexerDeps extends StateOfKind {
  elasticsearch: ElasticsearchClient;
  searchDays: number;
  log: Log;
  metrics: Registry;
  pace: Pick<Pace, 'hasTime' | 'spent'>;
  /** Kafka's clock. */
  nowMs(): number;
  /** The topic's number of partitions; the last one belongs to the runs. */
  partitions?: number;
}

interface Indexer {
  states: PartitionStates;
  /** To be called before any message that comes after messages that were never seen. */
  passOver(partition: number, unseen: Unseen): Promise<void>;
  /**
   * Applies messages of one partition, in order. When it returns, all of them are durable and searchable; when it
   * throws, any of them may be, and the same messages must be applied again.
   * @param position behind them
   */
  apply(partition: number, messages: AdMinutesMessage[], position?: Position): Promise<void>;
}

const MAX_ATTEMPTS = 10;

export function createIndexer(deps: IndexerDeps): Indexer {
  const { elasticsearch, event, stateIndex, searchDays, log, metrics, pace, partitions = AD_MINUTES_PARTITIONS } = deps;
  const states = new PartitionStates(elasticsearch, stateIndex, boundaryId);
  const created = new Set<string>();
  const runs = createRunIndexes({ elasticsearch, event, stateIndex, log, forget });
  const rowsTotal = new Counter({
    name: 'clickledger_indexer_rows_total',
    help: 'Rows of the second queue, by what became of them',
    labelNames: ['as'],
    registers: [metrics],
  });

  /**
   * Admits new days, one after the other, as long as there is time; then everything that must be written. Today is always
   * admitted, whatever a back-fill has used up: given up once, it would be answered from ClickHouse until it is published.
   */
  async function admitAll(targets: IndexTarget[]): Promise<IndexTarget[]> {
    const known = await updateDays(elasticsearch, stateIndex, (days) => days);
    const waiting = new Set(newDays(known, targets));
    for (const day of waiting) {
      if (!pace.hasTime(performance.now()) && !isCurrent(day, deps.nowMs())) break;
      waiting.delete(day);
      // Together with those that are not new, so that all are held in write order.
      await hold(
        targets.filter((target) => target.source !== 'rt' || !waiting.has(target.day)),
        1,
      );
    }
    return hold(targets, 0);
  }

  /**
   * Records the targets as held, creates their indexes, and returns those that are held (a given-up day is not).
   * @param room for new real-time days
   */
  async function hold(targets: IndexTarget[], room: number): Promise<IndexTarget[]> {
    let givenUp: string[] = [];
    let refused = 0;
    const days = await updateDays(elasticsearch, stateIndex, (before) => {
      const after = admit(before, targets, { limit: searchDays, room, nowMs: deps.nowMs() });
      const staying = new Set(after.held.map(({ day }) => day));
      givenUp = before.held.map(({ day }) => day).filter((day) => !staying.has(day));
      refused = after.given_up.length - before.given_up.length - givenUp.length;
      return after;
    });
    if (refused > 0)
      log.info({ days: refused }, 'given up at once: creating so many indexes would delay real-time counts');
    if (givenUp.length > 0) {
      log.info({ days: givenUp, limit: searchDays }, 'given up: Elasticsearch holds as many days as it may');
      await deleteGivenUp(elasticsearch, deps);
    }
    const held: IndexTarget[] = [];
    for (const target of targets) if (isIndexed(days, target) && (await ensureIndex(target, days))) held.push(target);
    return held;
  }

  /** Returns whether the target's index can be written to. */
  async function ensureIndex(target: IndexTarget, days: DaysDoc): Promise<boolean> {
    const { day, source } = target;
    const index = indexOf(target);
    if (created.has(index)) return true;
    const startMs = performance.now();
    const isNew = await createIndex(elasticsearch, index);
    if (isNew && isLost(days, target)) {
      log.error({ index }, 'the index was lost');
      await updateDays(elasticsearch, stateIndex, (before) => markLost(before, target));
      await deleteGivenUp(elasticsearch, deps);
      if (source === 'rt') return false;
    }
    if (source === 'rt') {
      await updateDays(elasticsearch, stateIndex, (before) => makeRealtime(before, day));
      await alignAlias(elasticsearch, deps, day);
      if (isNew) pace.spent(performance.now() - startMs);
    }
    created.add(index);
    return true;
  }

  /** When it returns, the rows can be found. */
  async function write(batches: RowsOf[], others: IndexTarget[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const held = await admitAll(distinct([...batches, ...others]));
      const names = new Set(held.map(indexOf));
      const rows = batches.filter((batch) => names.has(indexOf(batch)));
      const absent = await writeRows(elasticsearch, rows);
      if (absent.length === 0) {
        absent.push(...(await refresh(elasticsearch, [...names].filter(isRealtimeIndex))));
      }
      if (absent.length === 0) {
        const written = countRows(rows);
        rowsTotal.inc({ as: 'applied' }, written);
        rowsTotal.inc({ as: 'of_given_up_days' }, countRows(batches) - written);
        return;
      }
      // Another copy gave the day up after `take`, or the index is lost: read the document again. All rows are repeated,
      // which changes nothing.
      if (attempt === MAX_ATTEMPTS) {
        throw new Error(`${absent.map(({ index }) => index).join(', ')} were missing ${attempt} times`);
      }
      await forget(absent);
    }
  }

  /** The next attempt finds out what they were. */
  async function forget(absent: Absent[]): Promise<void> {
    for (const { index, isClosed } of absent) {
      created.delete(index);
      if (!isClosed) continue;
      log.error({ index }, 'the index was closed: it is deleted, and counts as lost');
      await deleteClosed(elasticsearch, index);
    }
  }

  async function setCurrent({ day, run, seq }: AdMinutesMessage & { kind: 'run-current' }): Promise<void> {
    if (!(await putVersioned(elasticsearch, stateIndex, currentId(day), seq, { run, seq }))) return;
    await updateDays(elasticsearch, stateIndex, (days) => settleRun(days, day, run));
    await alignAlias(elasticsearch, deps, day);
  }

  async function giveUp({ days }: AdMinutesMessage & { kind: 'realtime-given-up' }): Promise<void> {
    await updateDays(elasticsearch, stateIndex, (before) => giveUpRealtime(before, days));
    await deleteGivenUp(elasticsearch, deps);
    for (const day of days) created.delete(minutesIndex(event, day, 'rt'));
    log.info({ days }, 'real time given up, as the batch path says');
  }

  async function giveUpFormerRuns({ days }: AdMinutesMessage & { kind: 'former-runs-given-up' }): Promise<void> {
    for (const day of days) {
      const current = await readStateDoc(elasticsearch, currentDoc, stateIndex, currentId(day));
      if (current === null) continue;
      await updateDays(elasticsearch, stateIndex, (before) => letFormerRunsGo(before, day, current.run));
      const deleted = await deleteFormerRuns(elasticsearch, deps, day);
      for (const index of deleted) created.delete(index);
      log.info({ day, deleted }, 'former runs given up, as the batch path says');
    }
  }

  /** Real time is given up for all days that messages which were never seen may have had rows of. */
  async function giveUpAll(lastMs: number): Promise<void> {
    const lastDay = dayOf(Math.max(lastMs, deps.nowMs()));
    const { unseen_before } = await updateDays(elasticsearch, stateIndex, (days) => giveUpUnseen(days, lastDay));
    await deleteGivenUp(elasticsearch, deps);
    created.clear();
    log.error({ before: unseen_before }, 'given up in real time: messages with rows of these days were never seen');
  }

  return {
    states,
    async passOver(partition, { why }) {
      if (why === 'forgotten') await runs.review();
      // Days that a replay recounted are announced there: any may have been.
      if (partition === runsPartition(partitions)) return giveUpAll(deps.nowMs());
      // The next announcement tells up to where rows may be missing. Until then the API does without.
      await states.put(partition, { ...(await states.get(partition)), unseen: true });
    },
    async apply(partition, messages, position) {
      const batches = messages.flatMap((message) => rowsOf(event, message));
      const others = messages.flatMap((message) => completedBy(event, message));
      if (batches.length + others.length > 0) await write(batches, others);
      for (const message of messages) {
        if (message.kind === 'run-complete') await runs.finish(message);
        if (message.kind === 'run-current') await setCurrent(message);
        if (message.kind === 'realtime-given-up') await giveUp(message);
        if (message.kind === 'former-runs-given-up') await giveUpFormerRuns(message);
      }
      const announcements = messages.filter((message) => message.kind === 'closed-to');
      if (announcements.length === 0 && position === undefined) return;
      const before = await states.get(partition);
      const after = announcements.reduce(withAnnouncement, before ?? {});
      if (after === before && position === undefined) return;
      // Before the boundary moves past them.
      if (before?.unseen && !after.unseen) await giveUpAll(after.boundary_ms ?? 0);
      await states.put(partition, withPosition(after, position));
    },
  };
}

const isRealtimeIndex = (index: string): boolean => index.endsWith('-rt');
const countRows = (batches: RowsOf[]): number => batches.reduce((sum, { rows }) => sum + rows.length, 0);

function rowsOf(event: EventKind, message: AdMinutesMessage): RowsOf[] {
  if (message.kind === 'minutes') {
    const { kind: _, ...batch } = message;
    return [{ event, ...batch }];
  }
  return message.kind === 'hours' ? [{ ...hoursOf(event, message), rows: message.rows }] : [];
}

/** Indexes that must exist when it is complete, even without rows. */
function completedBy(event: EventKind, message: AdMinutesMessage): IndexTarget[] {
  if (message.kind !== 'run-complete') return [];
  const minutes: IndexTarget = { event, day: message.day, source: runSource(message.run) };
  return message.hours === undefined ? [minutes] : [minutes, hoursOf(event, message)];
}

/** Each target once, in order of the last write. */
function distinct(targets: IndexTarget[]): IndexTarget[] {
  const byIndex = new Map<string, IndexTarget>();
  for (const target of targets) {
    const index = indexOf(target);
    byIndex.delete(index);
    byIndex.set(index, target);
  }
  return [...byIndex.values()];
}
