import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { minutesName, NO_DATABASE, TOPICS, topsName } from '../../domain/names.ts';
import { iso } from '../../domain/time.ts';
import { createClickHouse } from '../clients/clickhouse.ts';
import { createElasticsearch } from '../clients/elasticsearch.ts';
import { engineUrls, kafkaAddress } from '../clients/engines.ts';
import { isRefusal } from '../clients/faults.ts';
import { createKafka } from '../clients/kafka.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { whyOtherKinds } from '../register/event_kinds.ts';
import { reportFinding, settleFinding } from '../register/findings.ts';
import { openRegister } from '../register/open.ts';
import { repeat } from '../repeat.ts';
import { NEW_KAFKA, RESTORE } from '../restored.ts';
import type { RoleContext, RoleName, Service, StartRole } from '../role.ts';
import { TIMINGS } from '../timings.ts';
import { withTimeout } from '../with_timeout.ts';
import { checkSettings } from './clickhouse_settings.ts';
import { givenUpKafka } from './given_up.ts';
import { checkOneClickHouse } from './one_clickhouse.ts';
import { RefusedError } from './refused.ts';
import { archiveStore, clickHouseStore, elasticsearchStore, kafkaStore } from './store_ids.ts';
import { checkStore, type StoreName } from './stores.ts';
import { checkTopics } from './topics.ts';

interface Uses {
  stores: readonly StoreName[];
  topics: readonly string[];
  queues: TopicsOf;
  /** Whether it reads or writes the topics that events are counted from. */
  events: boolean;
}

const { rejected, clock } = TOPICS;

/** Topics of each kind that is run, for the role. */
type TopicsOf = (event: EventKind) => string[];
const QUEUES: TopicsOf = (event) => [minutesName(event), topsName(event)];
const MINUTES: TopicsOf = (event) => [minutesName(event)];
const NONE: TopicsOf = () => [];

/** The stores and topics that must be the right ones for each role. */
const USES: Record<RoleName, Uses> = {
  ingest: { stores: ['kafka'], events: true, topics: [rejected], queues: NONE },
  realtime: { stores: ['kafka', 'clickhouse'], events: true, topics: [rejected], queues: NONE },
  publisher: { stores: ['kafka', 'clickhouse'], events: true, topics: [clock], queues: QUEUES },
  archive: { stores: ['kafka', 'archive'], events: true, topics: [], queues: NONE },
  nightly: { stores: ['kafka', 'clickhouse', 'archive'], events: true, topics: [clock], queues: MINUTES },
  indexer: { stores: ['kafka', 'elasticsearch'], events: false, topics: [], queues: QUEUES },
  api: { stores: ['clickhouse', 'elasticsearch'], events: false, topics: [], queues: NONE },
};

/** The API answers with the engines that are there; it waits this long at start for those that do not say so. */
const API_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 1_000;

/** @param check throws as a start does; for a role that waits before it does its work */
type StartChecked = (context: RoleContext, check: () => Promise<void>) => Promise<Service>;

/**
 * A role that starts only on topics and stores which are what they must be, and ends when they no longer are. What is
 * wrong while it runs is a finding as well.
 */
export const withPreflight =
  (role: RoleName, start: StartChecked): StartRole =>
  async (context) => {
    const checks = openChecks(role, context.config, context.log);
    if (role === 'api') await withTimeout(unlessAway(checks.run(true), context.log), API_LIMIT_MS, () => {});
    else await checks.run(true);
    const service = await start(context, () => checks.run(true));
    const watching = watch(checks, context);
    return {
      async stop() {
        // A check that waits for an engine must not hold up the role's own stop.
        await Promise.all([withTimeout(watching.stop(), STOP_LIMIT_MS, () => {}), service.stop()]);
        await withTimeout(checks.close(), STOP_LIMIT_MS, () => {});
      },
    };
  };

interface Checks {
  /** Throws a RefusedError (one line) about the first that is wrong. */
  run(isStart: boolean): Promise<void>;
  close(): Promise<void>;
}

function openChecks(role: RoleName, config: Config, log: Log): Checks {
  const { stores, topics, queues, events } = USES[role];
  const register = openRegister(config);
  const kafka = kafkaAddress(config);
  const { brokers } = kafka;
  const counted = events ? config.eventKinds.flatMap((event) => eventTopics(event, config.regions)) : [];
  const others = [...topics, ...config.eventKinds.flatMap(queues)];
  const uses = (name: StoreName): boolean => stores.includes(name);
  const urls = uses('clickhouse') || uses('elasticsearch') ? engineUrls(config) : null;
  const clickhouse =
    urls && uses('clickhouse') ? createClickHouse(urls.clickhouse, { database: NO_DATABASE, keepAlive: false }) : null;
  const elasticsearch = urls && uses('elasticsearch') ? createElasticsearch(urls.elasticsearch) : null;
  const admin = uses('kafka')
    ? createKafka(kafka, `clickledger-${role}-preflight`, log).admin({ retry: { retries: 5 } })
    : null;
  // A role that only answers does not give a store its id.
  const adopts = role !== 'api';
  let partitions: ReadonlyMap<string, number> | null = null;
  /** The restore of a lost Kafka that was open at the start: the role does nothing until it has ended (after_restore.ts). */
  let waitsFor: number | null = null;

  /** A role that is refused does nothing more, so the finding says why. Topics have findings of their own. */
  async function keepFinding(store: StoreName, check: () => Promise<void>): Promise<void> {
    if (!uses(store)) return;
    const name = `refused-${role}/${store}`;
    try {
      await check();
    } catch (error) {
      if (error instanceof RefusedError) {
        const mend = `start the role ${role} on the store of this platform${ifLost(error.message)}, see docs/operations.md, "A lost or older engine"`;
        const finding = { code: 'store_refused', what: error.message, mend, range: null, found_at: iso(Date.now()) };
        await reportFinding(register, name, finding);
      }
      throw error;
    }
    await settleFinding(register, name, 'it is the right one again');
  }
  async function checkCluster(isStart: boolean): Promise<void> {
    if (admin === null) return;
    await admin.connect();
    const givenUp = await givenUpKafka(register);
    if (isStart) waitsFor = givenUp?.restore ?? null;
    if (givenUp !== null && givenUp.successor === null) {
      if (waitsFor === givenUp.restore) return;
      throw new RefusedError(`KAFKA_BROKERS: Kafka is given up by "${NEW_KAFKA}": the role starts again, and waits`);
    }
    await checkStore(register, kafkaStore(admin, brokers.join(',')), Date.now(), adopts);
  }
  async function checkQueues(): Promise<void> {
    if (admin === null) return;
    const checked = { register, brokers, topics: [...counted, ...others], clicksTopics: counted, log };
    const found = await checkTopics(admin, { ...checked, dedupeWindowMs: config.dedupeWindowMs }, Date.now());
    if (role === 'ingest' && partitions !== null) refuseGrown(partitions, found);
    partitions = found;
  }
  async function checkClickHouse(isStart: boolean): Promise<void> {
    if (clickhouse === null || urls === null) return;
    if (isStart) await checkOneClickHouse(urls.clickhouse);
    await checkSettings(clickhouse);
    await checkStore(register, clickHouseStore(clickhouse, new URL(urls.clickhouse.url).host), Date.now(), adopts);
  }
  async function checkElasticsearch(): Promise<void> {
    if (elasticsearch === null || urls === null) return;
    await checkStore(
      register,
      elasticsearchStore(elasticsearch, urls.elasticsearch.nodes.map((node) => new URL(node).host).join(',')),
      Date.now(),
      adopts,
    );
  }
  async function checkKinds(): Promise<void> {
    const why = await whyOtherKinds(register, config.eventKinds);
    if (why !== null) throw new RefusedError(why);
  }
  const checkArchive = () => checkStore(register, archiveStore(config.archiveDir), Date.now(), adopts);
  return {
    async run(isStart) {
      await all([
        checkKinds,
        () => keepFinding('kafka', () => checkCluster(isStart)).then(checkQueues),
        () => keepFinding('clickhouse', () => checkClickHouse(isStart)),
        () => keepFinding('elasticsearch', checkElasticsearch),
        () => keepFinding('archive', checkArchive),
      ]);
    },
    async close() {
      await Promise.all([admin?.disconnect(), clickhouse?.close(), elasticsearch?.close()]);
    },
  };
}

/** A refusal that names the command for a store that is lost is a finding that names it. */
function ifLost(message: string): string {
  const command = [NEW_KAFKA, RESTORE].find((one) => message.includes(`"${one}"`));
  return command === undefined ? '' : `; if it is lost, "${command}"`;
}

/** By then every role that runs has looked at its stores. */
export const NOTICED_MS = 1.5 * TIMINGS.preflightMs;

/** Repeats the checks; an engine that is away is the concern of who uses it. */
function watch(checks: Checks, { log, fail }: Pick<RoleContext, 'log' | 'fail'>): Service {
  return repeat(TIMINGS.preflightMs, () => unlessAway(checks.run(false), log).catch(fail));
}

/** All of them, also when one fails; a refusal comes before an engine that is away. */
async function all(checks: (() => Promise<void>)[]): Promise<void> {
  const ended = await Promise.allSettled(checks.map((check) => check()));
  const failures = ended.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => failure instanceof RefusedError) ?? failures[0];
}

async function unlessAway(work: Promise<void>, log: Log): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    if (isRefusal(error)) log.warn(`not checked: ${(error as Error).message}`);
    else log.debug({ err: error }, 'not checked: an engine is away');
  }
}

/** Copies of a click meet in the memory of one partition, so every log monitor must place by the same number. */
function refuseGrown(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): void {
  for (const [topic, partitions] of now) {
    const known = before.get(topic);
    if (known === undefined || known === partitions) continue;
    throw new RefusedError(`topic ${topic} has ${partitions} partitions, it had ${known}: starting again with them`);
  }
}
