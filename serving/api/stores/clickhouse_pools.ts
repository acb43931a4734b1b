import { availableParallelism } from 'node:os';
import type { EventKind } from '../../../domain/event_kinds.ts';
import type { ClickHouseSettings } from '../../../infra/clients/clickhouse.ts';
import type { Config } from '../../../infra/config.ts';
import { clickHouseOf } from '../../../infra/kinds.ts';
import type { Stores } from './engines.ts';

/**
 * What each query may take, whatever the user's profile or the server has. While a query with priority 1 is at work,
 * those with priority 2 pause after each block they have read, for at most the time named here, so that quick questions
 * beside each other without end do not stop slow ones. Inserts have no priority: they neither pause nor make others pause.
 */
const QUICK: ClickHouseSettings = { priority: '1', max_threads: 2, max_memory_usage: '500000000' };
const SLOW: ClickHouseSettings = {
  priority: '2',
  low_priority_query_wait_time_ms: '100',
  // More than there are processors would only be in the way of others. ClickHouse may be on another machine, of any size.
  max_threads: Math.min(4, availableParallelism()),
  max_memory_usage: '1000000000',
};

/** A question needs the ledger once, and questions share what was read. */
const LEDGER_CONNECTIONS = 4;

/** The tables of a kind, as the API asks them. */
export const clickHousePools = (config: Config, event: EventKind): Pick<Stores, 'clickhouse' | 'slow' | 'ledger'> => ({
  clickhouse: clickHouseOf(config, event, { settings: QUICK }),
  slow: clickHouseOf(config, event, { settings: SLOW }),
  ledger: clickHouseOf(config, event, { settings: QUICK, connections: LEDGER_CONNECTIONS }),
});
