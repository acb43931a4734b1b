import type { Registry } from 'prom-client';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { databaseOf } from '../domain/names.ts';
import { type ClickHouseClient, type ClickHouseOptions, createClickHouse } from './clients/clickhouse.ts';
import { engineUrls, hiveAddress } from './clients/engines.ts';
import { connectHive, type Hive } from './clients/hive.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { registerOf } from './register/kind_register.ts';
import { openRegister } from './register/open.ts';
import type { Register } from './register/register.ts';
import type { RoleContext, Service, StartRole } from './role.ts';

/** What a role works on for one kind of event. */
export interface KindContext extends RoleContext {
  event: EventKind;
  /** Its own; each series has the kind as the label `event`. */
  metrics: Registry;
}

/** A role that does the same for each kind that is run, one beside the other; clicks are started first. */
export const forEachKind =
  (start: (context: KindContext) => Promise<Service>): StartRole =>
  async (context) => {
    const services: Service[] = [];
    for (const event of context.config.eventKinds) {
      const log = event === 'click' ? context.log : context.log.child({ event });
      services.push(await start({ ...context, event, log, metrics: context.metricsOf(event) }));
    }
    return { stop: async () => void (await Promise.all(services.map((service) => service.stop()))) };
  };

/** The folder of a kind's archive, runs and manifests; those of other kinds lie below that of clicks. */
export const archiveDirOf = ({ archiveDir }: Pick<Config, 'archiveDir'>, event: EventKind): string =>
  event === 'click' ? archiveDir : `${archiveDir}/${PLURAL[event]}`;

/** The tables of a kind. */
export const clickHouseOf = (
  config: Config,
  event: EventKind,
  options: Pick<ClickHouseOptions, 'connections' | 'settings'> = {},
): ClickHouseClient => createClickHouse(engineUrls(config).clickhouse, { database: databaseOf(event), ...options });
export const hiveOf = (config: Config, event: EventKind, log: Log): Promise<Hive> =>
  connectHive(hiveAddress(config), log, databaseOf(event));

export const openRegisterOf = (config: Config, event: EventKind): Register => registerOf(openRegister(config), event);
