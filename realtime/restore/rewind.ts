import { WIRE_VERSIONS } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { committedOf, type PartitionNames } from '../../domain/partition_names.ts';
import type { CutFacts, SinkPosition } from '../../domain/restored.ts';
import { boundaryOf } from '../../domain/watermark.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import {
  type Admin,
  type Commit,
  commitAlone,
  committedOffsets,
  endOffsets,
  type Kafka,
} from '../../infra/clients/kafka.ts';
import { readPublishedProgress, savePublished } from '../publisher/progress.ts';
import { decodeProgress, encodeMetadata, NOTHING_COUNTED, type Progress } from '../sink/intent.ts';

/** The tables hold everything below the cut, and nothing else. */
type RewindTo = Pick<CutFacts, 'cut' | 'positions'>;

interface RewindEngines {
  event: EventKind;
  kafka: Kafka;
  admin: Admin;
  clickhouse: ClickHouseClient;
  names: PartitionNames;
  topics: string[];
  sinkGroup: string;
  allowedLatenessMs: number;
}

/**
 * Has the next sink begin where tables that were filled anew end, with nothing pending, and the publisher behind it: what
 * lies below is sent no more. The group must have no member. Idempotent until the sink has begun.
 */
export async function rewind(engines: RewindEngines, { cut, positions }: RewindTo): Promise<void> {
  const { admin, names, topics, sinkGroup, event } = engines;
  const commits: Commit[] = [];
  let slowestMs = Number.POSITIVE_INFINITY;
  for (const topic of topics) {
    const committed = await committedOffsets(admin, sinkGroup, topic);
    for (const partition of (await endOffsets(admin, topic)).keys()) {
      const log = names.of(topic, partition);
      const last = committedOf(log, committed.get(partition));
      const known = decodeProgress(last?.offset ?? 0, last?.metadata ?? '');
      const to = cut[log.name] ?? log.from;
      const nothing = {
        ...NOTHING_COUNTED,
        offset: log.from,
        arrivedMs: log.generation === 1 ? null : known.arrivedMs,
      };
      const progress = progressAt(to === log.from ? nothing : known, log.generation, to, positions[log.name]);
      commits.push({ topic, partition, offset: progress.offset, metadata: encodeMetadata(progress) });
      if (progress.arrivedMs !== null) slowestMs = Math.min(slowestMs, progress.arrivedMs);
    }
  }
  await commitAlone(engines, { groupId: sinkGroup, topics, reads: WIRE_VERSIONS[event].annotated }, commits);
  await seedPublisher(engines, cut, slowestMs);
}

/**
 * What the sink has committed, at another offset. Which rows are stored is not said: raw clicks of days with a run come
 * back later.
 */
export function progressAt(
  last: Progress,
  generation: number,
  offset: number,
  position: SinkPosition | undefined,
): Progress {
  const at = { ...last, generation, offset, pending: null, stored: null, inserts: null };
  if (position !== undefined) return { ...at, ...position };
  if (offset === last.offset) return at;
  // In the middle of what was archived at once, which nothing is known of but its rows.
  throw new Error(`the sink committed ${last.offset}, and the tables end at ${offset}: restore again`);
}

async function seedPublisher(
  { clickhouse, allowedLatenessMs }: RewindEngines,
  cut: Cut,
  slowestMs: number,
): Promise<void> {
  if ((await readPublishedProgress(clickhouse)).version > 0) return;
  const boundaryMs = Number.isFinite(slowestMs) ? Math.max(0, boundaryOf(slowestMs - allowedLatenessMs)) : 0;
  await savePublished(clickhouse, { version: 1, offsets: new Map(Object.entries(cut)), boundaryMs, filters: {} });
}
