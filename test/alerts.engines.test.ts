import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readConfig } from '../infra/config.ts';
import { ROLES } from '../infra/role.ts';
import { findProgram } from '../infra/setup/find_program.mjs';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { freePorts } from '../prove/platform.ts';
import { count } from './support/client.ts';
import { testAd } from './support/days.ts';
import { append, clicksOf, killNow } from './support/kill.ts';
import { eventually } from './support/wait.ts';

/** A real Prometheus with the platform's configuration and rules, which here look every second and wait for seconds. */
const PROMETHEUS = findProgram('prometheus', process.env);
const MONITORING = fileURLToPath(new URL('../infra/monitoring/', import.meta.url));
const LIMIT_MS = 240_000;

const env = inject('env');
const config = readConfig(env);
const folder = mkdtempSync(join(tmpdir(), 'clickledger-prometheus-'));
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
    const settings = read('prometheus.yml').replaceAll(': 15s', ': 1s').replace('[DATA_DIR', `[${config.dataDir}`);
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
    // These come with the first rejected line and with the first finding.
    for (const name of ['clickledger_ingest_rejected_total', 'clickledger_findings']) asked.delete(name);
    expect(asked.size).toBeGreaterThan(10);
    for (const name of asked) await eventually(name, async () => (await samples(name)).length > 0);
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
