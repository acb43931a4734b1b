import type { Registry } from 'prom-client';
import { TOPICS } from '../../domain/names.ts';
import { engineUrls, kafkaAddress } from '../clients/engines.ts';
import { BrokerClock, connectPlainProducer, createKafka, type Producer } from '../clients/kafka.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { openRegister } from '../register/open.ts';
import { TIMINGS } from '../timings.ts';
import { compareClocks } from './compare.ts';

/** Loaded on demand: no role has a client that it does not need. */
const SOURCES = {
  clickhouse: () => import('./clickhouse.ts'),
  elasticsearch: () => import('./elasticsearch.ts'),
};
type EngineWithClock = keyof typeof SOURCES;

/** The engines, beside Kafka, that a role works with anyway, and so can compare its clock with. */
const ENGINES: Record<string, EngineWithClock[]> = {
  realtime: ['clickhouse'],
  publisher: ['clickhouse'],
  nightly: ['clickhouse', 'elasticsearch'],
  indexer: ['elasticsearch'],
  api: ['clickhouse', 'elasticsearch'],
};

/** The broker's clock for a role; all clocks that the role can read are compared with it, now and each minute. */
export function watchedClock(role: string, config: Config, log: Log, metrics: Registry): BrokerClock {
  const clock = openClock(config, `clickledger-${role}-clock`, log);
  const read = async (of: EngineWithClock) => (await SOURCES[of]()).readClockAt(engineUrls(config));
  const engines = new Map((ENGINES[role] ?? []).map((of) => [of, () => read(of)]));
  const { hostId } = config;
  const compare = compareClocks({ clock, engines, hostId, register: openRegister(config), metrics, log });
  let isUnderWay = false;
  const step = async (): Promise<void> => {
    if (isUnderWay) return;
    isUnderWay = true;
    await compare().catch((error: unknown) => log.warn({ err: error }, 'the clocks were not compared'));
    isUnderWay = false;
  };
  void step();
  setInterval(step, TIMINGS.compareClocksMs).unref();
  return clock;
}

/** Connects when it is first read. */
function openClock(config: Config, clientId: string, log: Log): BrokerClock {
  const kafka = createKafka(kafkaAddress(config), clientId, log);
  let connected: Promise<Producer> | null = null;
  const connect = (): Promise<Producer> => {
    connected ??= connectPlainProducer(kafka).catch((error: unknown) => {
      connected = null;
      throw error;
    });
    return connected;
  };
  return new BrokerClock(connect, TOPICS.clock);
}
