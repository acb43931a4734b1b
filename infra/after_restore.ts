import type { RestoreStep } from '../domain/restored.ts';
import type { Config } from './config.ts';
import { clickHouseOf } from './kinds.ts';
import { givenUpKafka } from './preflight/given_up.ts';
import { openRegister } from './register/open.ts';
import { repeat } from './repeat.ts';
import { RESTORE, whyRestoring } from './restored.ts';
import type { RoleContext, RoleName, Service, StartRole } from './role.ts';
import { TIMINGS } from './timings.ts';

/**
 * What must be back of a ClickHouse that was lost before a role works. The sink counts on from where the archive's clicks
 * end; the publisher and the nightly role read whole days.
 */
const WAITS_FOR: Partial<Record<RoleName, RestoreStep>> = {
  realtime: 'filled',
  publisher: 'ended',
  nightly: 'ended',
};

/**
 * A role that does nothing while Kafka is lost or ClickHouse lacks what it needs, and says so once.
 * @returns how it starts; what checks its stores and topics is called once more before it begins after having waited
 */
export function afterRestore(
  role: RoleName,
  start: StartRole,
): (context: RoleContext, check: () => Promise<void>) => Promise<Service> {
  if (role === 'api') return start;
  return async (context, check) => {
    const { config, log, fail } = context;
    const why = await whyWait(role, config);
    if (why === null) return start(context);
    log.warn(`${role} waits: ${why}`);
    let service: Promise<Service> | null = null;
    const looking = repeat(TIMINGS.runRequestPollMs, async () => {
      // What ClickHouse does not say now, it is asked again.
      const isBack = service === null && (await whyWait(role, config).catch(() => '')) === null;
      if (!isBack) return;
      log.info(`${role} starts: what it needs is back`);
      service = check().then(() => start(context));
      service.catch(fail);
    });
    return {
      async stop() {
        await looking.stop();
        await (await service)?.stop();
      },
    };
  };
}

/** Null: nothing that it needs is missing, of any kind. */
async function whyWait(role: RoleName, config: Config): Promise<string | null> {
  const kafka = await givenUpKafka(openRegister(config));
  // The indexer gives up days while ClickHouse is filled again; nobody sends minutes meanwhile.
  if (kafka !== null && (role !== 'indexer' || kafka.successor === null))
    return `Kafka was lost: "${RESTORE}" goes on with another one`;
  const step = WAITS_FOR[role];
  if (step === undefined) return null;
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    const why = await whyRestoring(clickhouse, step).finally(() => clickhouse.close());
    if (why !== null) return why;
  }
  return null;
}
