import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import type { EventKind } from '../domain/event_kinds.ts';
import type { BrokerClock } from './clients/kafka.ts';
import { watchedClock } from './clocks/watched_clock.ts';
import type { Config } from './config.ts';
import { watchDisk } from './disk_metrics.ts';
import { readJson, writeJsonAtomically } from './files.ts';
import { createLog, type Log } from './log.ts';
import { forgetTarget, nameTarget, serveMetrics } from './metrics_endpoint.ts';

export const ROLES = ['ingest', 'realtime', 'publisher', 'archive', 'nightly', 'indexer', 'api'] as const;
export type RoleName = (typeof ROLES)[number];

export interface RoleContext {
  config: Config;
  log: Log;
  metrics: Registry;
  /** Metrics of one kind of event. */
  metricsOf(event: EventKind): Registry;
  /** The time that everything is decided by. */
  clock: BrokerClock;
  /** Ends the process, from wherever it is called: the supervisor starts it again, from what is durable. */
  fail(error: unknown): never;
}

export interface Service {
  stop(): Promise<void>;
}

export type StartRole = (context: RoleContext) => Promise<Service>;

/** The status of a running role in `DATA_DIR/run/<role>.json`. */
const roleFile = z.object({
  role: z.enum(ROLES),
  pid: z.int().min(1),
  metricsUrl: z.string(),
  /** Whether it has started to do its work. */
  ready: z.boolean(),
});
export type RoleFile = z.infer<typeof roleFile>;

const pathOf = (dataDir: string, role: string): string => join(dataDir, 'run', `${role}.json`);

/** Throws if the role does not run. */
export const readRoleFile = (dataDir: string, role: string): RoleFile => readJson(roleFile, pathOf(dataDir, role));

const STOP_LIMIT_MS = 10_000;

/**
 * Runs one role until SIGTERM, SIGINT or the end of a piped standard input (its supervisor has ended). An unexpected
 * failure ends the process: the supervisor restarts it from durable state.
 */
export async function runRole(name: RoleName, config: Config, start: StartRole): Promise<void> {
  const log = createLog(name);
  const fail = (error: unknown): never => {
    log.fatal({ err: error }, `${name} stops: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  const stopRequested = new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    if (process.env.CLICKLEDGER_SUPERVISED === '1') onceInputEnds(() => resolve('supervisor gone'));
  });

  const metrics = new Registry();
  metrics.setDefaultLabels({ role: name });
  // The event-loop histogram wakes the process at this interval (ms); at 10, its default, seven idle roles take 3 % of
  // a core for it.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 1_000 });
  watchDisk(metrics, 'data_dir', config.dataDir);
  const kinds = new Map<EventKind, Registry>();
  const metricsOf = (event: EventKind): Registry => {
    const known = kinds.get(event);
    if (known !== undefined) return known;
    const registry = new Registry();
    registry.setDefaultLabels({ role: name, event });
    kinds.set(event, registry);
    return registry;
  };
  let isReady = false;
  const endpoint = await serveMetrics(
    async () => (await metrics.metrics()) + (await together([...kinds.values()])),
    config.metricsListen,
    () => isReady,
  ).catch(fail);
  const path = pathOf(config.dataDir, name);
  const orFail = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      fail(new Error(`DATA_DIR: cannot write ${path}: make room there or make the folder writable`, { cause: error }));
    }
  };
  const describe = (ready: boolean): void =>
    orFail(() => {
      mkdirSync(dirname(path), { recursive: true });
      writeJsonAtomically(path, { role: name, pid: process.pid, metricsUrl: endpoint.url, ready } satisfies RoleFile);
    });
  describe(false);
  orFail(() => nameTarget(config.dataDir, name, endpoint.url));
  const clock = watchedClock(name, config, log, metrics);
  const starting = start({ config, log, metrics, metricsOf, clock, fail });
  starting.then(() => {
    describe(true);
    isReady = true;
    log.info('ready');
  }, fail);

  const why = await stopRequested;
  log.info(`stopping: ${why}`);
  isReady = false;
  setTimeout(() => fail(new Error(`not stopped after ${STOP_LIMIT_MS / 1000} s`)), STOP_LIMIT_MS).unref();
  await (await starting).stop();
  rmSync(path, { force: true });
  forgetTarget(config.dataDir, name);
  process.exit(0);
}

/** A piped standard input ends when the process at its other end does, however it ends. */
export function onceInputEnds(act: () => void): void {
  process.stdin.once('end', act).once('error', act);
  process.stdin.resume();
}

/** The metrics of all kinds, each under one heading. */
async function together(registries: Registry[]): Promise<string> {
  const all = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
  return AggregatorRegistry.aggregate(all).metrics();
}
