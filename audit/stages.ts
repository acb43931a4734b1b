import { runsPartition } from '../domain/ad_minutes.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { minutesName, runPartition } from '../domain/names.ts';
import { monthNumber, rawKeptSinceMs } from '../domain/retention.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import {
  type Admin,
  committedOffsets,
  committedOffsetsOf,
  endOffsets,
  endOffsetsOf,
  requireTopics,
} from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import { readMinutesGone } from '../infra/minutes_gone.ts';
import { readRawSinceMs } from '../infra/raw_kept.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { type LineTotals, readCheckpoints, totalsOf } from '../ingest/checkpoint.ts';
import { unreadBytes } from '../ingest/unread.ts';
import { readPublishedProgress } from '../realtime/publisher/progress.ts';
import { auditArchive } from './archive.ts';
import type { WithHive } from './cold_sizes.ts';
import type { Flow } from './flow.ts';
import { lineRules } from './lines.ts';
import { minuteRules } from './minutes.ts';
import { RowsBelow } from './rows_below_cut.ts';
import type { Conservation, Rule } from './rule.ts';
import { auditedRuns, nightlyStage, runRules } from './runs.ts';
import { countedTotals, sinkProgress } from './sink_totals.ts';
import type { Stage } from './stage.ts';

type Places = Pick<Config, 'dataDir' | 'archiveDir' | 'logGlob' | 'hostId'>;

export interface Counted {
  stages: Stage[];
  conservation: Conservation[];
}

/** A stage's output is read before the output of the previous stage: so output never exceeds input. */
export async function stages(
  places: Places,
  flow: Flow,
  { admin, clickhouse, withHive }: { admin: Admin; clickhouse: ClickHouseClient; withHive: WithHive },
  nowMs: number,
): Promise<Counted> {
  await requireTopics(admin, flow.topics);
  const { archiveDir, dataDir } = places;
  const sinceMs = await readRawSinceMs(clickhouse, nowMs);
  const gone = (await readMinutesGone(clickhouse)).map(({ day, run }) => runPartition(day, run));
  const checkpoints = readCheckpoints(dataDir);
  const queue = await queueTotals(admin, flow.event, flow.indexerGroup);
  const published = await readPublishedProgress(clickhouse);
  const { event, names } = flow;
  const committed = await committedOffsetsOf(admin, flow.archiveGroup, flow.topics, names);
  const below = new RowsBelow();
  const runs = await auditedRuns(clickhouse, archiveDir, below);
  const archive = await auditArchive(event, archiveDir, { committed, names }, sinceMs, below, withHive);
  await below.finish(archiveDir, withHive);
  const readProgress = () => sinkProgress(admin, flow);
  const progress = await readProgress();
  const ends = await endOffsetsOf(admin, flow.topics, names);
  // Logs that go on under another name count as long as they were archived.
  const left = sum(names.left().map((name) => (archive.chains.get(name)?.end ?? 0) - names.firstOf(name)));
  const lengthOf = (name: string, end: number): number => Math.max(0, end - names.firstOf(name));
  const messages = left + sum([...ends].map(([name, end]) => lengthOf(name, end)));
  const counted = await countedTotals(event, clickhouse, progress, names, archive.floors);
  const months = { from: monthNumber(sinceMs), to: monthNumber(nowMs) };

  const lines = totalsOf(checkpoints);
  const sunk = left + sum([...progress].map(([name, { offset }]) => lengthOf(name, offset)));
  const sent = sum([...published.offsets].map(([name, offset]) => lengthOf(name, offset)));
  const archivedTo = left + sum([...ends.keys()].map((name) => lengthOf(name, archive.chains.get(name)?.end ?? 0)));
  const { rows, rejected } = archive;
  const counts: Omit<Stage, 'event'>[] = [
    ...(event === 'click' ? [ingestStage(lines, await unreadBytes(places, nowMs))] : []),
    {
      name: 'realtime',
      in: counted.totals.messages,
      out: counted.totals.counted,
      rejected: counted.totals.rejected,
      duplicates: counted.totals.copies,
      lag: messages - sunk,
      lag_unit: 'messages',
    },
    { name: 'publisher', in: sunk, out: sent, ...NONE, lag: sunk - sent },
    { name: 'indexer', in: queue.sent, out: queue.applied, ...NONE, lag: queue.sent - queue.applied },
    { name: 'archive', in: archivedTo, out: rows, ...NONE, rejected, lag: messages - archivedTo },
    nightlyStage(runs, below.days, nowMs),
  ];
  const rules: Rule[] = [
    ...lineRules(event, checkpoints, messages),
    counted.rule,
    ...(await minuteRules(event, clickhouse, [...ends.keys()], readProgress, months)),
    ...archive.rules,
    ...(await runRules(event, clickhouse, runs, rawKeptSinceMs(nowMs), new Set(gone))),
  ];
  return {
    stages: counts.map((stage) => ({ event, ...stage })),
    conservation: rules.map((rule) => ({ event, ...rule })),
  };
}

/** Lines of all kinds stand in the same files: the stage is that of clicks, which are always run. */
const ingestStage = ({ lines, clicks, rejected }: LineTotals, lag: number): Omit<Stage, 'event'> => ({
  name: 'ingest',
  in: lines,
  out: clicks,
  rejected,
  duplicates: 0,
  lag,
  lag_unit: 'bytes',
});

const NONE = { rejected: 0, duplicates: 0, lag_unit: 'messages' as const };

async function queueTotals(admin: Admin, event: EventKind, group: string): Promise<{ sent: number; applied: number }> {
  const applied = await committedOffsets(admin, group, minutesName(event));
  const ends = await endOffsets(admin, minutesName(event));
  const partitions = Array.from({ length: runsPartition(AD_MINUTES_PARTITIONS) + 1 }, (_, partition) => partition);
  return {
    sent: sum(partitions.map((partition) => ends.get(partition) ?? 0)),
    applied: sum(partitions.map((partition) => applied.get(partition)?.offset ?? 0)),
  };
}

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
