import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { NO_DATABASE } from '../../domain/names.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog, type Log } from '../../infra/log.ts';
import { migrateClickHouse } from '../../infra/migrate.ts';
import { memoryRegister } from './memory_register.ts';

/** Tests in a database of their own, with an empty register and a folder for an archive. */
export class OwnDatabase {
  readonly archiveDir: string;
  readonly #name: string;
  readonly #address = engineUrls(readConfig(inject('env'))).clickhouse;
  readonly #admin = createClickHouse(this.#address, { database: NO_DATABASE });
  readonly #log: Log;
  #made: { database: string; clickhouse: ReturnType<typeof createClickHouse> } | undefined;

  constructor(name: string) {
    this.#name = name;
    this.archiveDir = mkdtempSync(join(tmpdir(), `clickledger-${name}-`));
    this.#log = createLog(`${name}-test`);
    this.#log.level = 'silent';
  }

  /** Another database. */
  async make() {
    const database = `${this.#name.replaceAll('-', '_')}_${randomUUID().slice(0, 8)}`;
    await migrateClickHouse({ clickhouse: this.#admin, database }, () => {});
    const clickhouse = createClickHouse(this.#address, { database });
    this.#made = { database, clickhouse };
    const { archiveDir } = this;
    return { clickhouse, register: memoryRegister(), event: 'click' as const, archiveDir, log: this.#log };
  }

  /** Removes the database that was made last. */
  async drop(): Promise<void> {
    if (this.#made === undefined) return;
    await this.#made.clickhouse.close();
    await this.#admin.command({ query: `DROP DATABASE IF EXISTS ${this.#made.database}` });
  }

  async close(): Promise<void> {
    await this.#admin.close();
    rmSync(this.archiveDir, { recursive: true, force: true });
  }
}
