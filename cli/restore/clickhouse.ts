import { setTimeout as delay } from 'node:timers/promises';
import {
  type Lost,
  type RestorePorts,
  restorePublished,
  restoreRealtime,
  withheldRuns,
} from '../../batch/restore/restore.ts';
import type { Withheld } from '../../batch/restore/runs.ts';
import { type RestoreSurvey, surveyRestore } from '../../batch/restore/survey.ts';
import { countedNow } from '../../batch/run/arrived.ts';
import { openBatchEngines } from '../../batch/run/open_engines.ts';
import type { Cut } from '../../domain/cut.ts';
import { EVENT_KINDS, type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { databaseOf, groupsOf, NO_DATABASE, TOPICS } from '../../domain/names.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { clickHouseAddress, engineUrls, kafkaAddress } from '../../infra/clients/engines.ts';
import { isRefusal } from '../../infra/clients/faults.ts';
import { type Admin, createImpatientKafka, createKafka, hasMembers } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, clickHouseOf, openRegisterOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { NOTICED_MS } from '../../infra/preflight/preflight.ts';
import { clickHouseStore } from '../../infra/preflight/store_ids.ts';
import { checkStore } from '../../infra/preflight/stores.ts';
import { openFindings, settleFinding } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { CLICKHOUSE_OLDER } from '../../infra/register/partition_findings.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { beginRestore, endRestore, openRestore } from '../../infra/register/restores.ts';
import { whyRestoring } from '../../infra/restored.ts';
import { MIGRATE } from '../../infra/schema.ts';
import { withTimeout } from '../../infra/with_timeout.ts';
import { RedriveRecord } from '../../ingest/redrive/record.ts';
import { recoverRedriven } from '../../ingest/redrive/recover.ts';
import { rewind } from '../../realtime/restore/rewind.ts';
import { untilHiveStarted } from '../until_hive.ts';
import { untilNoSink, withAdmin } from './admin.ts';

/** `empty`: there is nothing of this platform; `begun`: not all is back; `whole`: nothing is missing. */
export type ClickHouseState = 'away' | 'empty' | 'begun' | 'whole';

const KAFKA_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 500;

export async function clickHouseState(config: Config): Promise<ClickHouseState> {
  const address = clickHouseAddress(config);
  if (address === null) return 'away';
  const client = createClickHouse(address, { database: NO_DATABASE, keepAlive: false });
  try {
    const ids = await clickHouseStore(client, new URL(address.url).host).readIds();
    if (ids.length === 0) return 'empty';
  } catch (error) {
    if (isRefusal(error)) throw error;
    return 'away';
  } finally {
    await client.close();
  }
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    const why = await whyRestoring(clickhouse).finally(() => clickhouse.close());
    if (why !== null) return 'begun';
  }
  return 'whole';
}

/**
 * Empties a ClickHouse that a role has found to be an older copy, and has the next start take the empty one. Resolves when
 * every role has noticed: one that went on with what it remembers would write to what is filled again.
 */
export async function discardClickHouse(config: Config, say: (line: string) => void): Promise<void> {
  const register = openRegister(config);
  const older = (await openFindings(register)).filter(({ code }) => code === CLICKHOUSE_OLDER);
  if (older.length === 0) {
    // It was stopped behind this.
    if ((await openRestore(register, 'clickhouse')) !== null) return;
    throw new Error(
      '--discard-clickhouse: no role has found ClickHouse to be an older copy ("./clickledger status" would say so): nothing was emptied',
    );
  }
  await untilAnswering(config, say);
  const address = engineUrls(config).clickhouse;
  const client = createClickHouse(address, { database: NO_DATABASE, keepAlive: false });
  const store = clickHouseStore(client, new URL(address.url).host);
  // Another platform's ClickHouse must not be emptied. One without an id was emptied before, but for other kinds of events.
  if ((await store.readIds()).length > 0) await checkStore(register, store, Date.now(), false);
  await beginRestore(register, 'clickhouse', Date.now());
  // The database of clicks says whose ClickHouse it is: while that is there, it is emptied once more.
  for (const event of EVENT_KINDS.toReversed()) {
    await client.command({
      query: `DROP DATABASE IF EXISTS ${databaseOf(event)} SYNC`,
      clickhouse_settings: { max_table_size_to_drop: '0' },
    });
  }
  await client.close();
  for (const { name } of older) await settleFinding(register, name, 'ClickHouse was emptied, and is filled again');
  say('ClickHouse was emptied; waiting until every role has noticed');
  await delay(NOTICED_MS);
  // A sink that gets no events asks ClickHouse for nothing, and notices late.
  await withAdmin(config, (admin) => untilNoSink(admin, config.eventKinds, 'realtime roles', say));
}

/** @param how what to do about it, in words */
export async function untilAnswering(
  config: Config,
  say: (line: string) => void,
  how = ': start the platform (./clickledger up), which takes its empty folder now',
): Promise<ClickHouseState> {
  let state = await clickHouseState(config);
  if (state === 'away') say(`waiting for ClickHouse${how}`);
  while (state === 'away') {
    await delay(LOOK_EVERY_MS);
    state = await clickHouseState(config);
  }
  return state;
}

export type KindSurvey = { event: EventKind } & RestoreSurvey;

/** What would be brought back, by what does not need ClickHouse. */
export async function surveyAll(config: Config): Promise<KindSurvey[]> {
  const surveys: KindSurvey[] = [];
  for (const event of config.eventKinds) {
    const found = await surveyRestore({
      archiveDir: archiveDirOf(config, event),
      register: openRegisterOf(config, event),
      counted: await countedBySink(config, event),
      dedupeWindowMs: config.dedupeWindowMs[event],
    });
    surveys.push({ event, ...found });
  }
  return surveys;
}

/** Null: Kafka does not answer. */
async function countedBySink(config: Config, event: EventKind): Promise<Cut | null> {
  const admin = createImpatientKafka(kafkaAddress(config), 'clickledger-restore').admin();
  const read = async (): Promise<Cut> => {
    await admin.connect();
    const topics = { clicks: eventTopics(event, config.regions) };
    return countedNow({ admin, register: openRegister(config), topics, sinkGroup: groupsOf(event).sink });
  };
  try {
    return await withTimeout(read(), KAFKA_LIMIT_MS, () => null);
  } catch {
    return null;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

interface Asked<T> {
  log: Log;
  say: (line: string) => void;
  /** Raw events of a kind that arrived since then are needed before the sink counts on (epoch ms). */
  neededSince(event: EventKind): number | undefined;
  /** Called when these are there, also if nothing was lost. */
  whenFilled(): Promise<T>;
}

/**
 * Brings back what ClickHouse had, of all kinds; resumed, it goes on where it was stopped.
 * @returns runs that could not be brought back, and what `whenFilled` has returned
 */
export async function restoreClickHouse<T>(
  config: Config,
  { log, say, neededSince, whenFilled }: Asked<T>,
): Promise<{ withheld: (Withheld & { event: EventKind })[]; filled: T }> {
  const register = openRegister(config);
  let state = await clickHouseState(config);
  if (state !== 'whole') await beginRestore(register, 'clickhouse', Date.now());
  if (state === 'away') state = await untilAnswering(config, say);
  if (state === 'empty') await MIGRATE.clickhouse(config, say);
  if (state === 'empty' && config.urls.hive !== undefined) await MIGRATE.hive(config, say);
  const lost = new Map<EventKind, Lost>();
  if (state !== 'whole') {
    for (const event of config.eventKinds) {
      const sinceMs = neededSince(event);
      const asked = sinceMs === undefined ? {} : { sinceMs };
      const work = (options: KindOptions, engines: BatchEngines) => restoreRealtime(engines, { ...options, ...asked });
      lost.set(event, await ofKind(config, event, log, work));
    }
  }
  const filled = await whenFilled();
  if (state !== 'whole') {
    // Days in cold storage are read through it.
    await untilHiveStarted(config);
    for (const [event, what] of lost) {
      await ofKind(config, event, log, (options, engines) => restorePublished(engines, what, options));
    }
  }
  const withheld: (Withheld & { event: EventKind })[] = [];
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    const found = await withheldRuns({ clickhouse }).finally(() => clickhouse.close());
    withheld.push(...found.map((one) => ({ event, ...one })));
  }
  await endRestore(register, 'clickhouse', 'ClickHouse has what it had', Date.now());
  return { withheld, filled };
}

interface KindOptions {
  dedupeWindowMs: number;
  ports: RestorePorts;
}
type BatchEngines = Awaited<ReturnType<typeof openBatchEngines>>['engines'];

async function ofKind<T>(
  config: Config,
  event: EventKind,
  log: Log,
  work: (options: KindOptions, engines: BatchEngines) => Promise<T>,
): Promise<T> {
  const ofEvent = event === 'click' ? log : log.child({ event });
  const { engines, close } = await openBatchEngines(config, event, ofEvent, { restores: true });
  const ports = portsOf(config, event, engines.admin, ofEvent);
  return work({ dedupeWindowMs: config.dedupeWindowMs[event], ports }, engines).finally(close);
}

function portsOf(config: Config, event: EventKind, admin: Admin, log: Log): RestorePorts {
  const sinkGroup = groupsOf(event).sink;
  return {
    isSinkRunning: () => hasMembers(admin, sinkGroup),
    async rewind(facts) {
      const clickhouse = clickHouseOf(config, event);
      const kafka = createKafka(kafkaAddress(config), 'clickledger-restore', log);
      const engines = {
        event,
        kafka,
        admin,
        clickhouse,
        names: await readPartitionNames(openRegister(config)),
        sinkGroup,
      };
      const topics = eventTopics(event, config.regions);
      await rewind({ ...engines, topics, allowedLatenessMs: config.allowedLatenessMs }, facts).finally(() =>
        clickhouse.close(),
      );
    },
    async recoverRedriven() {
      const clickhouse = clickHouseOf(config, event);
      const kafka = createKafka(kafkaAddress(config), 'clickledger-restore', log);
      const record = new RedriveRecord(clickhouse, TOPICS.rejected);
      const recovered = { event, rejectedTopic: TOPICS.rejected, record, nowMs: Date.now() };
      return recoverRedriven({ kafka, admin, archiveDir: config.archiveDir }, recovered).finally(() =>
        clickhouse.close(),
      );
    },
  };
}
