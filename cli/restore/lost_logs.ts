import { lastManifest } from '../../batch/archive/files/manifest.ts';
import { type Gap, skipGap } from '../../batch/archive/skip.ts';
import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { topicPartition } from '../../domain/names.ts';
import type { PartitionNames } from '../../domain/partition_names.ts';
import { type Admin, endOffsets } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, clickHouseOf } from '../../infra/kinds.ts';
import type { Resent } from '../../ingest/resend.ts';
import { lastStored } from '../../realtime/sink/store.ts';

/** A log of the Kafka that was lost. */
export interface LostLog {
  event: EventKind;
  /** Its name, and that of its partition in Kafka. */
  name: string;
  place: string;
  /** Behind the last message that is stored or archived: nobody knows of later ones. */
  end: number;
  /** When that one arrived; null: there was none. */
  arrivedMs: number | null;
  /** What was archived from ClickHouse; null: the archive had everything. */
  gap: Gap | null;
}

/** What is known of the logs of a kind, once all that ClickHouse has of them is archived. */
export async function lostLogs(
  config: Config,
  event: EventKind,
  admin: Admin,
  names: PartitionNames,
  hasRows: boolean,
): Promise<LostLog[]> {
  const [archiveDir, clickhouse] = [archiveDirOf(config, event), clickHouseOf(config, event)];
  const logs: LostLog[] = [];
  try {
    for (const topic of eventTopics(event, config.regions)) {
      for (const partition of (await endOffsets(admin, topic)).keys()) {
        const { name, topic: named } = names.of(topic, partition);
        const at = { topic: named, partition };
        const stored = hasRows ? await lastStored(clickhouse, name) : { offset: -1, arrivedMs: null };
        const gap = stored.offset < 0 ? null : await skipGap({ archiveDir, clickhouse }, at, stored.offset + 1, false);
        const last = lastManifest(archiveDir, named, partition);
        const known = [last?.arrived_to, stored.arrivedMs].filter((ms) => ms !== undefined && ms !== null);
        const arrivedMs = known.length === 0 ? null : Math.max(...known);
        logs.push({ event, name, place: topicPartition(topic, partition), end: last?.to ?? 0, arrivedMs, gap });
      }
    }
    return logs;
  } finally {
    await clickhouse.close();
  }
}

/**
 * What may be lost for good, by topic, partition and offset; null: nothing is.
 * @param resent what was read again of logs; null: nothing could be
 */
export function lostText(logs: readonly LostLog[], resent: Resent | null): string | null {
  const begun = logs.filter(({ end }) => end > 0);
  if (begun.length === 0 || resent?.unreadable.length === 0) return null;
  const from = begun.map(({ name, end }) => `${name} from message ${end} on`).join(', ');
  const why =
    resent === null
      ? 'what had been read of the logs by then is not known, so nothing was sent again'
      : `${resent.unreadable.map(({ path, from, to }) => `bytes ${from} to ${to - 1} of ${path}`).join(', ')} cannot be read again`;
  return `Kafka was lost, and with it what it had not passed on: ${from}; ${why}`;
}
