import { lastManifest, type Manifest, manifestsOf } from '../../batch/archive/files/manifest.ts';
import { type Gap, skipGap } from '../../batch/archive/skip.ts';
import { ledgerDays } from '../../batch/restore/plan.ts';
import { cutOnRecord } from '../../batch/restore/restore.ts';
import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { topicPartition } from '../../domain/names.ts';
import type { PartitionNames } from '../../domain/partition_names.ts';
import { DAY_MS, dayOf, dayStartMs, iso } from '../../domain/time.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { type Admin, endOffsets } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, clickHouseOf, openRegisterOf } from '../../infra/kinds.ts';
import { reportFinding } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { whyRestoring } from '../../infra/restored.ts';
import type { Resent } from '../../ingest/resend.ts';
import { readPublishedProgress } from '../../realtime/publisher/progress.ts';
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
  /** Everything that arrived before is in ClickHouse, or will be once that is filled again; 0: nothing is known. */
  storedUntilMs: number;
  /** What was archived from ClickHouse; null: the archive had everything. */
  gap: Gap | null;
}

/**
 * What is known of the logs of a kind, once all that ClickHouse has of them is archived.
 * @param isThere whether there is a ClickHouse of this platform, though perhaps not all is back there
 */
export async function lostLogs(
  config: Config,
  event: EventKind,
  admin: Admin,
  names: PartitionNames,
  isThere: boolean,
): Promise<LostLog[]> {
  const [archiveDir, clickhouse] = [archiveDirOf(config, event), clickHouseOf(config, event)];
  const logs: LostLog[] = [];
  try {
    // Before that it has nothing that the archive has not.
    const isCounted = isThere && (await whyRestoring(clickhouse, 'filled')) === null;
    const isWhole = isCounted && (await whyRestoring(clickhouse)) === null;
    const boundaryMs = isWhole ? ((await readPublishedProgress(clickhouse)).boundaryMs ?? 0) : 0;
    // The boundary that a publisher begins with after a restore says nothing of logs without a row.
    const filled = isWhole ? () => boundaryMs : await filledUntil(clickhouse, archiveDir, isThere);
    for (const topic of eventTopics(event, config.regions)) {
      for (const partition of (await endOffsets(admin, topic)).keys()) {
        const { name, topic: named } = names.of(topic, partition);
        const at = { topic: named, partition };
        const stored = isCounted ? await lastStored(clickhouse, name) : { offset: -1, arrivedMs: null };
        const to = stored.offset + 1;
        const gap = to === 0 ? null : await skipGap({ archiveDir, clickhouse }, at, to, false, 'filled');
        const last = lastManifest(archiveDir, named, partition);
        const known = [last?.arrived_to, stored.arrivedMs].filter((ms) => ms !== undefined && ms !== null);
        logs.push({
          event,
          name,
          place: topicPartition(topic, partition),
          end: last?.to ?? 0,
          arrivedMs: known.length === 0 ? null : Math.max(...known),
          storedUntilMs: Math.max(filled(name), stored.arrivedMs ?? 0),
          gap,
        });
      }
    }
    return logs;
  } finally {
    await clickhouse.close();
  }
}

/** Until when the archive has everything of a log that a ClickHouse which was lost is filled with. */
async function filledUntil(
  clickhouse: ClickHouseClient,
  archiveDir: string,
  isThere: boolean,
): Promise<(name: string) => number> {
  const cut = (isThere ? await cutOnRecord(clickhouse) : null) ?? {};
  const ofLog = new Map<string, Manifest[]>();
  for (const manifest of manifestsOf(archiveDir)) {
    const name = topicPartition(manifest.topic, manifest.partition);
    const ranges = ofLog.get(name);
    if (ranges === undefined) ofLog.set(name, [manifest]);
    else ranges.push(manifest);
  }
  return (name) => {
    const ranges = ofLog.get(name) ?? [];
    const to = cut[name] ?? Number.POSITIVE_INFINITY;
    return ranges.find((range) => range.to > to)?.arrived_from ?? ranges.at(-1)?.arrived_to ?? 0;
  };
}

/**
 * What may be lost for good, by topic, partition and offset; null: nothing is.
 * @param resent what was read again of logs; null: nothing could be
 */
export function lostText(logs: readonly LostLog[], resent: Resent | null): string | null {
  if (resent !== null && resent.unreadable.length === 0 && resent.unknownBeforeMs === null) return null;
  const from = logs.map(({ name, end }) => `${name} from message ${end} on`).join(', ');
  const bytes = resent?.unreadable.map(({ path, from, to }) => `bytes ${from} to ${to - 1} of ${path}`) ?? [];
  const why = [
    ...(resent === null
      ? ['what had been read of the logs by then is not known, so nothing was sent again']
      : resent.unknownBeforeMs === null
        ? []
        : [
            `what had been read of the logs before ${iso(resent.unknownBeforeMs)} is not known, so nothing of that was sent again`,
          ]),
    ...(bytes.length === 0 ? [] : [`${bytes.join(', ')} cannot be read again`]),
  ];
  return `Kafka was lost, and with it what it had not passed on: ${from}; ${why.join('; ')}`;
}

/**
 * Receipts name it that take days without a run, or from the first on of which something may be missing: a run has all that
 * had arrived below its cut.
 */
export async function reportLost(config: Config, name: string, what: string, logs: readonly LostLog[]): Promise<void> {
  const days: string[] = [];
  for (const event of config.eventKinds) {
    const archiveDir = archiveDirOf(config, event);
    const ledger = await ledgerDays(openRegisterOf(config, event));
    const archived = new Set([...manifestsOf(archiveDir)].flatMap(({ files }) => files.map(({ day }) => day)));
    days.push(...[...archived].filter((day) => (ledger.get(day)?.current ?? 0) === 0));
  }
  // Nothing was ever stored of a partition that is not used.
  const storedUntil = logs.map(({ storedUntilMs }) => storedUntilMs).filter((ms) => ms > 0);
  const first = [...days, ...storedUntil.map(dayOf)].sort()[0];
  await reportFinding(openRegister(config), name, {
    code: 'kafka_lost',
    what,
    mend: `have the senders write these lines to a log again, then: ./clickledger findings --settle ${name} --reason "sent again"`,
    // Events may be a day ahead of their arrival.
    range:
      first === undefined
        ? null
        : { from: iso(dayStartMs(first)), to: iso(dayStartMs(dayOf(Date.now())) + 2 * DAY_MS) },
    found_at: iso(Date.now()),
  });
}
