import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureDashboard } from './dashboard.mjs';
import { builtDashboard } from './dashboard_folder.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let root: string;
const write = (name: string, text: string): void => writeFileSync(join(root, 'serving', 'dashboard', name), text);

/** A project with a small page, using this project's packages. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clickledger-dashboard-'));
  for (const name of ['serving/dashboard', 'infra/setup']) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['package-lock.json', 'infra/setup/dashboard.mjs']) cpSync(join(ROOT, name), join(root, name));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  write(
    'index.html',
    '<!doctype html><html lang="en"><head><script type="module" src="./main.ts"></script></head></html>',
  );
  write('start.ts', "console.log('early');\n");
  write('main.ts', "import { createElement } from 'react';\nconsole.log(createElement('p', null, 'one' as string));\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('it is built once for the same sources, with the licences of what is built in; a change makes another', async () => {
  expect(builtDashboard(root)).toBeNull();
  const first = await ensureDashboard({ root });
  expect(builtDashboard(root)).toBe(first);
  const files = readdirSync(join(String(first), 'assets'));
  const scripts = files.filter((name) => name.endsWith('.js'));
  const nameOf = (file: string): string => file.split('-')[0] as string;
  expect(scripts.map(nameOf).sort()).toEqual(['index', 'start']);
  for (const name of scripts) expect(files).toContain(`${name}.gz`);
  const page = scripts.find((name) => nameOf(name) === 'index');
  // React as for production, whatever NODE_ENV is: the other one is several times as large.
  expect(statSync(join(String(first), 'assets', String(page))).size).toBeLessThan(12_000);
  expect(readFileSync(join(String(first), 'assets', 'licenses.md'), 'utf8')).toContain('react');
  write('rule.test.ts', 'throw new Error();\n');
  expect(await ensureDashboard({ root })).toBe(first);
  write('main.ts', "console.log('two' as string);\n");
  const second = await ensureDashboard({ root });
  expect(second).not.toBe(first);
  expect(readFileSync(join(String(second), 'index.html'), 'utf8')).toMatch(/src="\/assets\/[\w-]+\.js"/);
});

test('sources that cannot be built leave nothing that could be served', async () => {
  write('main.ts', 'export const = ;\n');
  await expect(ensureDashboard({ root })).rejects.toThrow(/main\.ts/);
  expect(builtDashboard(root)).toBeNull();
});
