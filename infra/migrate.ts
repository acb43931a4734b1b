import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MINUTES_ALIAS } from '../domain/names.ts';
import { type ClickHouseClient, rows } from './clients/clickhouse.ts';
import type { ElasticsearchClient } from './clients/elasticsearch.ts';
import { sha256Hex } from './hash.ts';
import { SQL_DIR, statements } from './sql.ts';

interface Migration {
  /** `clickhouse/0001_clicks`: what the record and every message call it. */
  name: string;
  text: string;
  checksum: string;
}

interface MigrationTargets {
  clickhouse: ClickHouseClient;
  hive: { execute(sql: string): Promise<void> };
  elasticsearch: ElasticsearchClient;
  /** Where the archive's files lie, as Hive reaches it. */
  archiveDir: string;
}

/** The migration files of one engine in order of their numbers. */
export function readMigrations(engine: 'clickhouse' | 'hive', sqlDir = SQL_DIR): Migration[] {
  const folder = join(sqlDir, engine, 'migrations');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => migration(`${engine}/${file.slice(0, -4)}`, readFileSync(join(folder, file), 'utf8')));
}

const readTemplates = (sqlDir: string): Migration[] =>
  readdirSync(join(sqlDir, 'elasticsearch'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => migration(file.slice(0, -5), readFileSync(join(sqlDir, 'elasticsearch', file), 'utf8')));

const migration = (name: string, text: string): Migration => ({
  name,
  text,
  checksum: sha256Hex(text),
});

/** Names of those not yet recorded. Throws for one that was edited after it had been applied. */
export function pending(migrations: Migration[], recorded: Map<string, string>): Migration[] {
  for (const { name, checksum } of migrations) {
    const known = recorded.get(name);
    if (known !== undefined && known !== checksum) {
      throw new Error(
        `migration ${name} was changed after it had been applied. Restore it, and put the change into a new file with the next number.`,
      );
    }
  }
  return migrations.filter(({ name }) => !recorded.has(name));
}

/**
 * Brings all three engines to this version's schema. Statements are idempotent, so a migration that was cut short is
 * run again whole. The record of both SQL engines is ads.schema_migrations in ClickHouse; Elasticsearch's templates
 * are put anew each time.
 * @returns names of what was applied
 */
export async function migrate(targets: MigrationTargets, report: (line: string) => void): Promise<string[]> {
  const { clickhouse, hive, elasticsearch, archiveDir } = targets;
  await clickhouse.command({ query: 'CREATE DATABASE IF NOT EXISTS ads' });
  await clickhouse.command({
    query: `CREATE TABLE IF NOT EXISTS ads.schema_migrations
      (name String, checksum String, applied_at DateTime('UTC') DEFAULT now()) ENGINE = MergeTree ORDER BY name`,
  });
  const known = await rows<{ name: string; checksum: string }>(
    clickhouse,
    'SELECT name, checksum FROM ads.schema_migrations',
  );
  const recorded = new Map(known.map(({ name, checksum }) => [name, checksum]));
  const todo = pending([...readMigrations('clickhouse'), ...readMigrations('hive')], recorded);
  const archive = pathToFileURL(archiveDir).href;
  for (const { name, text, checksum } of todo) {
    for (const statement of statements(text.replaceAll('{archive}', archive))) {
      if (name.startsWith('clickhouse/')) await clickhouse.command({ query: statement });
      else await hive.execute(statement);
    }
    await clickhouse.insert({
      table: 'ads.schema_migrations',
      values: [{ name, checksum }],
      format: 'JSONEachRow',
      columns: ['name', 'checksum'],
    });
    report(`applied ${name}`);
  }
  await putTemplates(elasticsearch);
  return todo.map(({ name }) => name);
}

/** They hold for indexes that are made from now on; what older ones lack is added to them. */
export async function putTemplates(elasticsearch: ElasticsearchClient, sqlDir = SQL_DIR): Promise<void> {
  for (const { name, text } of readTemplates(sqlDir)) {
    await elasticsearch.indices.putIndexTemplate({ name: `clickledger-${name}`, ...JSON.parse(text) });
  }
  await addField(elasticsearch);
}

/** A template is for new indexes only, and those of an earlier version take no field that their mapping does not name. */
async function addField(elasticsearch: ElasticsearchClient): Promise<void> {
  const index = `${MINUTES_ALIAS}-*`;
  const existing = await elasticsearch.indices.getAlias({ index });
  if (Object.keys(existing).length === 0) return;
  await elasticsearch.indices.putMapping({ index, properties: { filter_revision: { type: 'integer', index: false } } });
}
