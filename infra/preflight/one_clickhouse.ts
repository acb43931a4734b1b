import { z } from 'zod';
import { NO_DATABASE } from '../../domain/names.ts';
import { type ClickHouseClient, createClickHouse, rowsOf } from '../clients/clickhouse.ts';
import type { ClickHouseAddress } from '../engine_settings/addresses.ts';
import { RefusedError } from './refused.ts';

const CONNECTIONS = 10;
const server = z.object({ uuid: z.string() });

/**
 * Refuses an address behind which several servers answer, each with its own tables: what is written to one is not in
 * the answers of another. Each question has a connection of its own, since a balancer chooses by connection.
 */
export async function checkOneClickHouse(at: ClickHouseAddress): Promise<void> {
  const found = await Promise.all(Array.from({ length: CONNECTIONS }, () => askOnce(at, serverOf)));
  const uuids = [...new Set(found)];
  if (uuids.length === 1) return;
  throw new RefusedError(
    `CLICKHOUSE_URL: ${uuids.length} servers answer at ${at.url} (${uuids.join(', ')}), each with tables of ` +
      'its own: name one server, not a balancer in front of several',
  );
}

async function serverOf(client: ClickHouseClient): Promise<string> {
  const [row] = await rowsOf(client, server, 'SELECT toString(serverUUID()) AS uuid');
  return row?.uuid ?? '';
}

async function askOnce<T>(at: ClickHouseAddress, ask: (client: ClickHouseClient) => Promise<T>): Promise<T> {
  const client = createClickHouse(at, { database: NO_DATABASE, keepAlive: false });
  return ask(client).finally(() => client.close());
}
