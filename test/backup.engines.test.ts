import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bringRecordsBack } from '../cli/backup/bring_back.ts';
import { lineOfMessage, readRejected, sendRejected } from '../cli/backup/rejected.ts';
import { bringTableBack, columnsOf, dropBeside, fillBeside } from '../cli/backup/tables.ts';
import { TOPICS } from '../domain/names.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectProducer, createKafka } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { readRejectedFile, rejectedManifests } from '../infra/rejected/files.ts';
import { BIN } from '../prove/platform.ts';
import { clickledger, clickledgerJson } from './support/client.ts';
import { testDays } from './support/days.ts';
import { rejectedLine } from './support/rejected.ts';
import { eventually } from './support/wait.ts';

const LIMIT_MS = 300_000;
const env = inject('env');
const config = readConfig(env);
const log = createLog('backup-test');
const clickhouse = createClickHouse(engineUrls(config).clickhouse);
const to = mkdtempSync(join(tmpdir(), 'clickledger-backups-'));
const day = dayOf(testDays());
const [ended, asked] = [randomUUID(), randomUUID()];
const REPLAY = 4_000_000_000;

const TABLES = {
  reconciliations: `date = '${day}'`,
  run_requests: `request IN ('${ended}', '${asked}')`,
  replays: `replay IN (${REPLAY}, ${REPLAY - 1})`,
};

const ORDER = { reconciliations: 'run', run_requests: 'request, state', replays: 'replay, state' };

async function stored(): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [table, where] of Object.entries(TABLES)) {
    found[table] = await rows(
      clickhouse,
      `SELECT * FROM ${table} WHERE ${where} ORDER BY ${ORDER[table as keyof typeof TABLES]}`,
    );
  }
  return found;
}

const besides = (): Promise<unknown[]> =>
  rows(clickhouse, "SELECT name FROM system.databases WHERE match(name, '_backup_[0-9a-f]{12}(_restore)?$')");

interface Backup {
  folder: string;
  parts: { what: string; table?: string; file: string; rows: number; wrong?: string | null }[];
}
let taken: Backup;

beforeAll(async () => {
  const at = '2026-01-02T03:04:05.678Z';
  const insert = (table: string, values: object[]) => clickhouse.insert({ table, values, format: 'JSONEachRow' });
  await insert('reconciliations', [
    {
      date: day,
      run: 1,
      reconciled_at: at,
      verdict: 'balanced',
      worst_ads: [],
      rules: [{ rule: 'a "rule"', left: 1, right: -1, ok: false }],
    },
    { date: day, run: 2, reconciled_at: at, verdict: 'blocked', realtime: '-9007199254740993' },
  ]);
  const request = { from_day: day, to_day: day, reason: 'a\n"reason" \u2028', requested_by: 'test', recorded_at: at };
  // Both rows at once: the nightly role never finds it open.
  await insert('run_requests', [
    { ...request, request: ended, state: 'wanted', action: 'accept' },
    { ...request, request: ended, state: 'done', note: 'carried out' },
  ]);
  const replay = { from_date: day, to_date: day, reason: 'why', requested_by: 'who', started_at: at, recorded_at: at };
  await insert('replays', [
    { ...replay, replay: REPLAY, state: 'begun' },
    { ...replay, replay: REPLAY, state: 'failed', cut: { 'clicks-0': 7 } },
  ]);
  const producer = await connectProducer(createKafka(engineUrls(config).kafka, 'backup-test', log));
  // No line that a re-drive of another test would send.
  const line = rejectedLine(1, `no click, of ${day}`, 'not_a_click');
  await producer.send({ topic: TOPICS.rejected, messages: [{ ...line, key: `backup:${ended}` }] });
  await producer.disconnect();
}, LIMIT_MS);

afterAll(async () => {
  for (const [table, where] of Object.entries(TABLES))
    await clickhouse.command({ query: `DELETE FROM ${table} WHERE ${where}` });
  await clickhouse.close();
  rmSync(to, { recursive: true, force: true });
}, LIMIT_MS);

test('a backup that was killed is none, and the next one removes it', { timeout: LIMIT_MS }, async () => {
  const child = spawn(process.execPath, [BIN, 'backup', '--to', to], { env: { ...process.env, ...env } });
  const end = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
  const left = (): string[] => readdirSync(to).filter((name) => name.startsWith('.unfinished-'));
  await eventually('it has begun', async () => left().length === 1, 60_000, 2);
  child.kill('SIGKILL');
  expect(await end).toBe('SIGKILL');
  expect(left()).toHaveLength(1);
  expect(await clickledger(env, 'backup', '--to', to, '--verify')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`there is no whole backup in ${to}`),
  });
  taken = await clickledgerJson<Backup>(env, 'backup', '--to', to);
  expect(left()).toEqual([]);
  expect(existsSync(join(taken.folder, 'manifest.json'))).toBe(true);
  const rejected = readFileSync(join(taken.folder, 'rejected.jsonl'), 'utf8');
  expect(rejected).toContain(`backup:${ended}`);
});

test('it is proved by restoring it beside, and nothing of that stays', { timeout: LIMIT_MS }, async () => {
  // What a verification that was killed would have left.
  const { id } = JSON.parse(readFileSync(join(taken.folder, 'manifest.json'), 'utf8'));
  await clickhouse.command({ query: `CREATE DATABASE ads_backup_${id}` });
  const proved = await clickledgerJson<Backup & { ok: boolean }>(env, 'backup', '--to', to, '--verify');
  expect(proved).toMatchObject({ ok: true, folder: taken.folder });
  expect(proved.parts.map(({ wrong }) => wrong)).toEqual(taken.parts.map(() => null));
  expect(await besides()).toEqual([]);
});

test('another byte in any file is found, by its name', { timeout: LIMIT_MS }, async () => {
  const path = join(taken.folder, 'click.reconciliations.jsonl');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"verdict":"balanced"', '"verdict":"balancee"'));
  const { code, stdout } = await clickledger(env, 'backup', '--to', to, '--verify');
  expect([code, stdout]).toEqual([1, expect.stringContaining(`reconciliations (click): ${path} is damaged`)]);
  await expect(bringRecordsBack(config, to, log)).rejects.toThrow(`${path} is damaged`);
  writeFileSync(path, text);
});

test('records that were lost come back, those that are there stay as they are', { timeout: LIMIT_MS }, async () => {
  const before = await stored();
  expect(Object.values(before).map((found) => found.length)).toEqual([2, 2, 2]);
  for (const [table, where] of Object.entries(TABLES))
    await clickhouse.command({ query: `DELETE FROM ${table} WHERE ${where}` });
  expect(Object.values(await stored()).flat()).toEqual([]);
  const brought = await bringRecordsBack(config, to, log);
  expect(await stored()).toEqual(before);
  expect(brought.find(({ part }) => part === 'rejected lines')).toEqual({ part: 'rejected lines', rows: 0 });
  await bringRecordsBack(config, to, log);
  expect(await stored()).toEqual(before);
  expect(await besides()).toEqual([]);
});

test('a request that was open at the time comes back closed, once', { timeout: LIMIT_MS }, async () => {
  const columns = await columnsOf(clickhouse, 'run_requests');
  const path = join(to, 'open.jsonl');
  const [row] = readFileSync(join(taken.folder, 'click.run_requests.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(ended) && line.includes('wanted'));
  const open = { ...JSON.parse(row as string), request: asked };
  const steps = [open, { ...open, state: 'working', day, step: 'over', result: '{}' }];
  writeFileSync(path, steps.map((step) => `${JSON.stringify(step)}\n`).join(''));
  const id = '0123456789ab_restore';
  const written: number[] = [];
  for (const _ of [1, 2]) {
    const database = await fillBeside(clickhouse, id, { table: 'run_requests', columns, path });
    written.push(await bringTableBack(clickhouse, database, { table: 'run_requests', columns, note: 'ask again' }));
  }
  await dropBeside(clickhouse, id);
  expect(written).toEqual([3, 0]);
  const found = await rows(
    clickhouse,
    `SELECT state, day, step, note, result, reason FROM run_requests WHERE request = '${asked}' ORDER BY state`,
  );
  const { reason } = open;
  expect(found).toEqual([
    { state: 'failed', day: '', step: '', note: 'ask again', result: '', reason },
    { state: 'wanted', day: '', step: '', note: '', result: '', reason },
    { state: 'working', day, step: 'over', note: '', result: '{}', reason },
  ]);
});

test('a rejected line that Kafka has lost is sent again, once', { timeout: LIMIT_MS }, async () => {
  const key = `lost:${randomUUID()}`;
  const path = join(to, 'lost.jsonl');
  const { value } = rejectedLine(2, `no click, of ${day}`, 'not_a_click');
  const line = JSON.stringify({ at: Date.now(), key, value });
  const agedDays = (days: number, of: string) => JSON.stringify({ at: Date.now() - days * DAY_MS, key: of, value });
  // Kafka keeps them for a week, files of the archive as long as is set.
  const old = agedDays(30, `${key}-old`);
  const expired = agedDays(config.rejectedDays + 1, `${key}-expired`);
  writeFileSync(path, `${line}\n${line}\n${old}\n${expired}\n`);
  expect(await sendRejected(config, log, path, Date.now())).toBe(2);
  expect(await sendRejected(config, log, path, Date.now())).toBe(0);
  // All of them are in files by now, whatever Kafka removes.
  const found: string[] = [];
  const isOurs = (one: string): boolean => one.includes(key);
  await readRejected(config, log, async (one) => void (isOurs(one) && found.push(one)));
  expect(found).toEqual([]);
  for (const { files } of rejectedManifests(config.archiveDir, TOPICS.rejected)) {
    for (const file of files)
      found.push(...(await readRejectedFile(config.archiveDir, file)).map(lineOfMessage).filter(isOurs));
  }
  expect(found).toEqual([old, line]);
});
