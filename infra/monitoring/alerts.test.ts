import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { findProgram } from '../setup/find_program.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const rules = read('infra/monitoring/alerts.yml');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string);
const board: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read('infra/monitoring/grafana/clickledger.json'),
);
const queries = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** The names of all metrics in the sources; a histogram is asked for by its buckets, its sum or its count. */
function metricsThereAre(): Set<string> {
  const sources = globSync(['{infra,ingest,realtime,batch,serving,audit}/**/*.ts', '!**/*.test.ts'], { cwd: root }).map(
    read,
  );
  const names = sources.flatMap((text) =>
    [...text.matchAll(/['"](clickledger_\w+)['"]/g)].map(([, name]) => name as string),
  );
  const lines = sources.flatMap((text) =>
    [...text.matchAll(/counter\('(\w+)'/g)].map(([, what]) => `clickledger_ingest_${what}_total`),
  );
  return new Set([
    ...names,
    ...['_bucket', '_sum', '_count'].flatMap((part) => names.map((name) => name + part)),
    ...lines,
  ]);
}

test.each([
  ['alerts', rules],
  ['the board', queries.join('\n')],
])('every metric that %s ask for exists', (_, text) => {
  const asked = [...new Set([...text.matchAll(/clickledger_\w+/g)].map(([name]) => name))];
  expect(asked.length).toBeGreaterThan(10);
  const there = metricsThereAre();
  expect(asked.filter((name) => !there.has(name))).toEqual([]);
});

test('every alert has its entry in the runbook and is tried by a fault', () => {
  const entries = [...read('docs/operations.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  const tried = read('infra/monitoring/alerts.test.yml');
  expect(alerts.filter((name) => !entries.includes(name))).toEqual([]);
  expect(alerts.filter((name) => !tried.includes(name))).toEqual([]);
  for (const name of alerts) expect(rules).toContain(`runbook: docs/operations.md#${name.toLowerCase()}\n`);
});

const PROMTOOL = findProgram('promtool', process.env);

/** Debian's package prometheus has it: infra/setup/apt-packages.sh prometheus. CI installs it. */
test.skipIf(PROMTOOL === undefined)('promtool accepts the rules, their tests and every query of the board', () => {
  const promtool = (...args: string[]): string =>
    execFileSync(String(PROMTOOL), args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  expect(promtool('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  const aside = mkdtempSync(join(tmpdir(), 'clickledger-board-'));
  const recorded = queries.map((expr, n) => ({ record: `board:query_${n}`, expr }));
  writeFileSync(join(aside, 'board.yml'), JSON.stringify({ groups: [{ name: 'board', rules: recorded }] }));
  expect(promtool('check', 'rules', join(aside, 'board.yml'))).toContain(`${queries.length} rules found`);
  rmSync(aside, { recursive: true });
});
