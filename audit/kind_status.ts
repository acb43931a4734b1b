import type { EventKind } from '../domain/event_kinds.ts';
import { databaseOf, stateIndexOf } from '../domain/names.ts';
import type { PartitionNames } from '../domain/partition_names.ts';
import type { ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import { hiveAddress } from '../infra/clients/engines.ts';
import { withHive as openHive } from '../infra/clients/hive.ts';
import type { Admin } from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import { archiveDirOf, clickHouseOf } from '../infra/kinds.ts';
import type { Log } from '../infra/log.ts';

import { readSetAside } from '../serving/documents/set_aside.ts';
import type { WithHive } from './cold_sizes.ts';
import { type DayStatus, days } from './days.ts';
import { flowOf } from './flow.ts';
import { type Counted, stages } from './stages.ts';
import { eventWarnings, setAsideWarnings, type Warning } from './warnings.ts';

/** What `status` knows of one kind of event; without what an engine that is down would have said. */
interface KindStatus {
  setAside: Warning[];
  counted: Counted | null;
  days: DayStatus[];
  warnings: Warning[];
}

interface Context {
  config: Config;
  /** Engines that answer. */
  up: ReadonlySet<string>;
  admin: Admin;
  elasticsearch: ElasticsearchClient;
  names: PartitionNames;
  nowMs: number;
  log: Log;
}

export async function kindStatus(event: EventKind, context: Context): Promise<KindStatus> {
  const { config, up, admin, elasticsearch, names, nowMs, log } = context;
  const aside = up.has('elasticsearch') ? await readSetAside(elasticsearch, stateIndexOf(event)) : null;
  const setAside = aside === null ? [] : setAsideWarnings(event, aside);
  if (!up.has('clickhouse')) return { setAside, counted: null, days: [], warnings: [] };
  const clickhouse = clickHouseOf(config, event);
  const withHive: WithHive = (work) => openHive(hiveAddress(config), log, work, databaseOf(event));
  try {
    const places = { ...config, archiveDir: archiveDirOf(config, event) };
    const flow = flowOf(event, config.regions, names);
    const [counted, known] = await Promise.all([
      up.has('kafka') ? stages(places, flow, { admin, clickhouse, withHive }, nowMs) : null,
      days(event, places.archiveDir, clickhouse, nowMs),
    ]);
    return { setAside, counted, days: known, warnings: await eventWarnings(event, clickhouse, known) };
  } finally {
    await clickhouse.close();
  }
}
