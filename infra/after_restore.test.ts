import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TOPICS } from '../domain/names.ts';
import { afterRestore } from './after_restore.ts';
import { BrokerClock } from './clients/kafka.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { replaceStore } from './preflight/stores.ts';
import { openRegister } from './register/open.ts';
import { beginRestore, endRestore } from './register/restores.ts';
import type { RoleContext, RoleName } from './role.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'clickledger-after-restore-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** Roles that need no ClickHouse. */
async function waiting(...roles: RoleName[]) {
  const config = readConfig({ DATA_DIR: dataDir });
  const log = createLog('after-restore-test');
  log.level = 'silent';
  const clock = new BrokerClock(() => Promise.reject(new Error('not asked for')), TOPICS.clock);
  const told: string[] = [];
  const fail = (error: unknown): never => {
    told.push(String(error));
    return undefined as never;
  };
  const context: RoleContext = { config, log, metrics: new Registry(), metricsOf: () => new Registry(), clock, fail };
  const services = await Promise.all(
    roles.map((role) =>
      afterRestore(role, async () => {
        told.push(`${role} starts`);
        return { stop: async () => {} };
      })(context, async () => void told.push(`${role} is checked`)),
    ),
  );
  const register = openRegister(config);
  return { register, told, stop: () => Promise.all(services.map((service) => service.stop())) };
}

const until = (told: string[], ...expected: string[]): Promise<void> =>
  vi.waitFor(() => expect(told).toEqual(expected), { timeout: 20_000, interval: 50 });

test('nothing is lost: a role starts at once', async () => {
  const { told, stop } = await waiting('ingest');
  expect(told).toEqual(['ingest starts']);
  await stop();
});

test('while Kafka is given up roles wait, and look once more at what they work with', async () => {
  const register = openRegister(readConfig({ DATA_DIR: dataDir }));
  await beginRestore(register, 'kafka', Date.now(), 'lost');
  await replaceStore(register, 'kafka', 'lost', 0);
  const { told, stop } = await waiting('ingest', 'indexer');
  expect(told).toEqual([]);
  // The indexer is needed to bring back the others.
  await replaceStore(register, 'kafka', 'other', 0);
  await until(told, 'indexer is checked', 'indexer starts');
  await endRestore(register, 'kafka', 'the platform goes on', Date.now());
  await until(told, 'indexer is checked', 'indexer starts', 'ingest is checked', 'ingest starts');
  await stop();
}, 60_000);
