import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { type ClickHouseClient, createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { ROLES } from '../infra/role.ts';
import { findProgram } from '../infra/setup/find_program.mjs';
import { freePorts } from '../infra/supervisor/ports.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { clickledger, count } from './support/client.ts';
import { testAd, testDays } from './support/days.ts';
import { append, clicksOf, killNow } from './support/kill.ts';
import { enginesOf, startRole } from './support/role.ts';
import { canMount, mountTmpfs, unmount } from './support/tmpfs.ts';
import { eventually } from './support/wait.ts';

/** A real Prometheus with the platform's configuration and rules, which here look every second and wait for seconds. */
const PROMETHEUS = findProgram('prometheus', process.env);
const MONITORING = fileURLToPath(new URL('../infra/monitoring/', import.meta.url));
const LIMIT_MS = 240_000;

const env = inject('env');
const config = readConfig(env);
const folder = mkdtempSync(join(tmpdir(), 'clickledger-prometheus-'));
/** The DATA_DIR of one role on a disk of its own. */
const small = join(folder, 'small');
const read = (file: string): string => readFileSync(join(MONITORING, file), 'utf8');
const quick = (rules: string): string =>
  rules
    .replace(/for: \d+m/g, 'for: 1s')
    .replaceAll('[10m]', '[8s]')
    .replace(' > 60 or', ' > 6 or');

let prometheus: ChildProcess | undefined;
let url = '';

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`Prometheus: ${error}`);
  return data;
}
const samples = async (query: string) =>
  (await ask<{ result: { metric: Record<string, string> }[] }>(`query?query=${encodeURIComponent(query)}`)).result;
const isFiring = async (alert: string): Promise<boolean> =>
  (await samples(`ALERTS{alertname="${alert}",alertstate="firing"}`)).length > 0;
const raised = (alert: string) => eventually(`${alert} is raised`, () => isFiring(alert), LIMIT_MS, 500);
const ended = (alert: string) => eventually(`${alert} ends`, async () => !(await isFiring(alert)), LIMIT_MS, 500);

// Debian's package prometheus has it: infra/setup/apt-packages.sh prometheus. CI installs it.
describe.skipIf(PROMETHEUS === undefined)('Prometheus with the rules of infra/monitoring', () => {
  beforeAll(async () => {
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'alerts.yml'), quick(read('alerts.yml')));
    const settings = read('prometheus.yml')
      .replaceAll(': 15s', ': 1s')
      .replace('[DATA_DIR/run', `[${small}/run/prometheus/*.json, ${config.dataDir}/run`)
      // A folder that is made later is found by looking again.
      .replace('.json] }', '.json], refresh_interval: 1s }');
    writeFileSync(join(folder, 'prometheus.yml'), settings);
    const flags = { 'config.file': 'prometheus.yml', 'storage.tsdb.path': 'data', 'web.listen-address': url.slice(7) };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    prometheus = spawn(String(PROMETHEUS), args, { cwd: folder, stdio: 'ignore' });
    await eventually('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  }, LIMIT_MS);
  afterAll(async () => {
    const isOver = new Promise((resolve) => prometheus?.once('exit', resolve));
    prometheus?.kill('SIGTERM');
    await isOver;
    rmSync(folder, { recursive: true, force: true });
  });

  test('finds every process, and each answers', async () => {
    const processes = [...ROLES, 'up'].sort();
    await eventually('every process is scraped', async () => {
      const up = (await samples('up{job="clickledger"} == 1')).map(({ metric }) => metric.process ?? '');
      return JSON.stringify(up.sort()) === JSON.stringify(processes);
    });
  });

  test('every metric of the board has samples as soon as there is something to count', async () => {
    const ad = testAd('alerts');
    append(
      config,
      ad,
      clicksOf(ad, 50, () => Date.now()),
    );
    await count(env, ad, 0, Date.now());
    const board: { panels: { targets: { expr: string }[] }[] } = JSON.parse(read('grafana/clickledger.json'));
    const text = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
    const asked = new Set([...text.matchAll(/clickledger_\w+/g)].map(([name]) => name));
    // These come with the first finding and with the first run of the nightly role.
    const later = /^clickledger_(findings|run_step_seconds_\w+|reconciliation_events)$/;
    for (const name of asked) if (later.test(name)) asked.delete(name);
    expect(asked.size).toBeGreaterThan(10);
    for (const name of asked) await eventually(name, async () => (await samples(name)).length > 0);
    for (const of of ['used', 'max']) {
      await eventually(`the heaps of both JVMs: ${of}`, async () => {
        const heaps = await samples(`clickledger_jvm_heap_bytes{of="${of}"} > 0`);
        return (
          heaps
            .map(({ metric }) => metric.name)
            .sort()
            .join() === 'hive,kafka'
        );
      });
    }
  });

  test('NoClicks is raised when no line comes, and ends with the next ones', { timeout: LIMIT_MS }, async () => {
    await raised('NoClicks');
    const ad = testAd('alerts-again');
    let sent = 0;
    await eventually(
      'NoClicks ends',
      async () => {
        append(config, ad, clicksOf(ad, ++sent, () => Date.now()).slice(-1));
        return !(await isFiring('NoClicks'));
      },
      LIMIT_MS,
      500,
    );
  });

  test('CountsAreOld is raised when the publisher hangs, and ends when it goes on', { timeout: LIMIT_MS }, async () => {
    const pid = readPlatformState(config.dataDir)?.processes.find(({ name }) => name === 'publisher')?.pid;
    if (typeof pid !== 'number') throw new Error('the publisher does not run');
    process.kill(pid, 'SIGSTOP');
    await raised('CountsAreOld').finally(() => process.kill(pid, 'SIGCONT'));
    await ended('CountsAreOld');
  });

  test('DayBlocked is raised by a day that reconciliation blocks, and ends when it is published', {
    timeout: 2 * LIMIT_MS,
  }, async () => {
    const ad = testAd('alerts-blocked');
    const startMs = testDays(1);
    const range = ['--event', 'click', '--from', dayOf(startMs), '--to', dayOf(startMs + DAY_MS)];
    const rebuild = async () => {
      const result = await clickledger(env, 'rebuild', ...range, '--reason', 'alerts');
      // There is no terminal.
      expect(result.stdout + result.stderr).not.toContain('\u001b');
      return result;
    };
    // A minute of its own for each: what is taken out of the rollups is that click and nothing else.
    append(
      config,
      ad,
      clicksOf(ad, 10, (n) => startMs + n * 60_000),
    );
    const counted = async () => (await count(env, ad, startMs, startMs + DAY_MS)).count;
    await eventually('the clicks', async () => (await counted()) === 10, LIMIT_MS, 500);
    const clickhouse = createClickHouse(engineUrls(config).clickhouse);
    try {
      const lost = await takeOut(clickhouse, ad, startMs + 120_000);
      expect(await rebuild()).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/is blocked.*1 clicks are unexplained \(1 lost/),
      });
      await raised('DayBlocked');
      // Into the raw table: its views fill the rollups.
      await clickhouse.insert({ table: 'clicks', values: [lost], format: 'JSONEachRow' });
      expect(await rebuild()).toMatchObject({ code: 0, stdout: expect.stringContaining('reconciliation: balanced') });
      await ended('DayBlocked');
    } finally {
      await clickhouse.close();
    }
  });

  test.skipIf(!canMount())(
    'DiskNearlyFull is raised when a disk fills, and ends when there is room',
    { timeout: LIMIT_MS },
    async () => {
      expect(await isFiring('DiskNearlyFull')).toBe(false);
      mountTmpfs(small, 'size=16m');
      const starting = startRole('ingest', { ...enginesOf(env), DATA_DIR: small, HOST_ID: 'small-disk' });
      try {
        await starting;
        const ballast = join(small, 'ballast');
        await eventually('it is scraped', async () => (await samples('up{process="ingest"} == 1')).length === 2);
        writeFileSync(ballast, Buffer.alloc(15 << 20));
        await raised('DiskNearlyFull');
        rmSync(ballast);
        await ended('DiskNearlyFull');
      } finally {
        await starting.then(({ stop }) => stop()).finally(() => unmount(small));
      }
    },
  );

  test('CrashLoop is raised when a role is killed again and again', { timeout: LIMIT_MS }, async () => {
    const monitor = () => readPlatformState(config.dataDir)?.processes.find(({ name }) => name === 'ingest');
    const before = monitor()?.restarts ?? 0;
    for (let kills = 1; kills <= 5; kills++) {
      killNow(config, 'ingest');
      const isBack = async () => monitor()?.restarts === before + kills && monitor()?.state === 'ready';
      await eventually('the log monitor is back', isBack, LIMIT_MS, 200);
    }
    await raised('CrashLoop');
  });
});

/** Removes the click of that minute from real time: its raw row, and its minute in the rollups. Returns the row. */
async function takeOut(clickhouse: ClickHouseClient, ad: string, minuteMs: number): Promise<Record<string, unknown>> {
  const values = { ad, from: minuteMs / 1_000 };
  const of = `ad_id = {ad:String} AND click_timestamp >= toDateTime({from:UInt32}, 'UTC') AND click_timestamp < toDateTime({from:UInt32} + 60, 'UTC')`;
  const found = await rows<Record<string, unknown>>(clickhouse, `SELECT * FROM clicks WHERE ${of}`, values);
  expect(found).toHaveLength(1);
  await clickhouse.command({ query: `DELETE FROM clicks WHERE ${of}`, query_params: values });
  for (const table of ['minutes_by_ad', 'minutes_by_minute']) {
    const query = `DELETE FROM ${table} WHERE ad_id = {ad:String} AND click_minute = toDateTime({from:UInt32}, 'UTC')`;
    await clickhouse.command({ query, query_params: values });
  }
  return found[0] ?? {};
}
