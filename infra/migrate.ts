import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { EVENT_KINDS } from '../domain/event_kinds.ts';
import { count } from '../domain/fields.ts';
import { allIndexes, minutesName, stateIndexOf } from '../domain/names.ts';
import type { RestoreStep } from '../domain/restored.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import type { ElasticsearchClient } from './clients/elasticsearch.ts';
import { type Hive, hiveRowsOf } from './clients/hive.ts';
import { sha256Hex } from './hash.ts';
import { SQL_DIR, statements } from './sql.ts';

interface Migration {
  /** `clickhouse/0001_clicks`: its name in the record and in messages. */
  name: string;
  text: string;
  checksum: string;
}

const HIVE_DATABASES = 'SHOW DATABASES';
const hiveDatabase = z.object({ database_name: z.string() });
const rowCount = z.object({ rows: count });
const recordedMigration = z.object({ name: z.string(), checksum: z.string() });

/** The tables of one kind of event. */
interface Tables {
  /** Stores the record of all engines. */
  clickhouse: ClickHouseClient;
  /** Has the same name in ClickHouse and in Hive. */
  database: string;
}

interface HiveTargets extends Tables {
  hive: Pick<Hive, 'execute' | 'rows'>;
  /** The archive's folder, as Hive sees it. */
  archiveDir: string;
}

/** The migration files of one engine, ordered by number. */
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

/** A failure that requires manual intervention. */
export class MigrationChangedError extends Error {}

/** Names of those not yet recorded. Throws for one that was edited after it had been applied. */
export function pending(migrations: Migration[], recorded: Map<string, string>): Migration[] {
  for (const { name, checksum } of migrations) {
    const known = recorded.get(name);
    if (known !== undefined && known !== checksum) {
      throw new MigrationChangedError(
        `migration ${name} was changed after it had been applied. Restore it, and put the change into a new file with the next number.`,
      );
    }
  }
  return migrations.filter(({ name }) => !recorded.has(name));
}

/**
 * Migrates ClickHouse to this version. Statements are idempotent, so an interrupted migration is run again as a whole.
 * @returns names of the applied migrations
 */
export async function migrateClickHouse(tables: Tables, report: (line: string) => void): Promise<string[]> {
  const { clickhouse, database } = tables;
  await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await clickhouse.command({
    query: `CREATE TABLE IF NOT EXISTS ${database}.schema_migrations
      (name String, checksum String, applied_at DateTime('UTC') DEFAULT now()) ENGINE = MergeTree ORDER BY name`,
  });
  const execute = async (query: string): Promise<void> => void (await clickhouse.command({ query }));
  return applyPending(tables, readMigrations('clickhouse'), execute, report);
}

/**
 * Puts on record in a ClickHouse that was lost that nothing of a kind is back yet; to be done before its tables are made.
 * Idempotent.
 */
export async function markLost(clickhouse: ClickHouseClient, database: string): Promise<void> {
  await clickhouse.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  const [record] = readMigrations('clickhouse').filter(({ name }) => name.endsWith('_restored'));
  for (const statement of statements(inDatabase(record?.text ?? '', database))) {
    await clickhouse.command({ query: statement });
  }
  const [marked] = await rowsOf(clickhouse, rowCount, `SELECT count() AS rows FROM ${database}.restored`);
  if (marked?.rows !== 0) return;
  await clickhouse.insert({
    table: `${database}.restored`,
    values: [{ step: 'begun' satisfies RestoreStep }],
    columns: ['step'],
    format: 'JSONEachRow',
  });
}

/**
 * Migrates Hive to this version; ClickHouse must be migrated before, because it stores the record of both. A Hive that has
 * none of the tables has lost its metastore, whatever is on record: all are applied again.
 * @param onLost called before that, if the tables had been made: of a first start that was killed they had not
 * @returns names of the applied migrations
 */
export async function migrateHive(
  { hive, archiveDir, ...tables }: HiveTargets,
  report: (line: string) => void,
  onLost: () => Promise<void>,
): Promise<string[]> {
  const archive = pathToFileURL(archiveDir).href;
  const execute = (statement: string): Promise<void> => hive.execute(statement.replaceAll('{archive}', archive));
  const isLost = !(await hasTables(hive, tables.database));
  return applyPending(tables, readMigrations('hive'), execute, report, isLost ? onLost : null);
}

/** The last table that Hive's migrations make, and the one of them that makes it. */
const LAST_TABLE = { name: 'batch_runs', madeBy: 'hive/0003_batch_runs' };

async function hasTables(hive: Pick<Hive, 'rows'>, database: string): Promise<boolean> {
  const databases = await hiveRowsOf(hive, hiveDatabase, HIVE_DATABASES);
  if (!databases.some(({ database_name }) => database_name === database)) return false;
  const tables = await hive.rows<unknown>(`SHOW TABLES IN ${database} LIKE '${LAST_TABLE.name}'`);
  return tables.length > 0;
}

async function applyPending(
  { clickhouse, database }: Tables,
  migrations: Migration[],
  execute: (statement: string) => Promise<void>,
  report: (line: string) => void,
  onLost: (() => Promise<void>) | null = null,
): Promise<string[]> {
  const query = `SELECT name, checksum FROM ${database}.schema_migrations`;
  const known = await rowsOf(clickhouse, recordedMigration, query);
  const notRecorded = pending(migrations, new Map(known.map(({ name, checksum }) => [name, checksum])));
  if (onLost !== null && known.some(({ name }) => name === LAST_TABLE.madeBy)) await onLost();
  const todo = onLost === null ? notRecorded : migrations;
  for (const { name, text, checksum } of todo) {
    for (const statement of statements(inDatabase(text, database))) await execute(statement);
    await clickhouse.insert({
      table: `${database}.schema_migrations`,
      values: [{ name, checksum }],
      format: 'JSONEachRow',
      columns: ['name', 'checksum'],
    });
    report(`applied ${name} (${database})`);
  }
  return todo.map(({ name }) => name);
}

/** Migrations name the database of clicks; those of the other kinds of event have the same tables in theirs. */
export const inDatabase = (text: string, database: string): string =>
  text
    .replace(/\bads\./g, `${database}.`)
    .replace(/\bDATABASE IF NOT EXISTS ads\b/g, `DATABASE IF NOT EXISTS ${database}`);

/**
 * Templates apply to new indexes; missing fields are added to existing ones, and copies.
 * @param replicas copies of each index beside the first; without: one where there are several data nodes, otherwise none
 */
export async function putTemplates(
  elasticsearch: ElasticsearchClient,
  { sqlDir = SQL_DIR, replicas }: { sqlDir?: string; replicas?: number | undefined } = {},
): Promise<void> {
  const copies = replicas ?? ((await elasticsearch.cluster.health()).number_of_data_nodes > 1 ? 1 : 0);
  for (const { name, text } of readTemplates(sqlDir)) {
    const { template, ...rest } = JSON.parse(text);
    const settings = { ...template.settings, number_of_replicas: copies };
    const body = { ...rest, template: { ...template, settings } };
    await elasticsearch.indices.putIndexTemplate({ name: `clickledger-${name}`, ...body });
  }
  await addField(elasticsearch);
  await setCopies(elasticsearch, copies);
}

async function setCopies(elasticsearch: ElasticsearchClient, copies: number): Promise<void> {
  const index = EVENT_KINDS.flatMap((event) => [...allIndexes(event), `${stateIndexOf(event)}*`]);
  const existing = Object.entries(await elasticsearch.indices.getSettings({ index, flat_settings: true }));
  const others = existing.filter(([, { settings }]) => copiesIn(settings) !== String(copies)).map(([name]) => name);
  if (others.length > 0)
    await elasticsearch.indices.putSettings({ index: others, settings: { number_of_replicas: copies } });
}

const copiesIn = (settings: unknown): unknown => (settings as Record<string, unknown>)['index.number_of_replicas'];

/** Templates apply to new indexes only, and the strict mappings of an earlier version refuse unknown fields. */
async function addField(elasticsearch: ElasticsearchClient): Promise<void> {
  const properties = { filter_revision: { type: 'integer', index: false } } as const;
  for (const event of EVENT_KINDS) {
    const index = `${minutesName(event)}-*`;
    const existing = await elasticsearch.indices.getAlias({ index });
    if (Object.keys(existing).length > 0) await elasticsearch.indices.putMapping({ index, properties });
  }
}
