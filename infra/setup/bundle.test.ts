import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundledProgram } from './bundle.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let root: string;

/** A project with one command, using this project's packages. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clickledger-bundle-'));
  for (const name of [
    'domain',
    'ingest',
    'realtime',
    'batch',
    'serving',
    'infra',
    'audit',
    'prove',
    'cli',
    'bench',
    'patches',
  ]) {
    mkdirSync(join(root, name));
  }
  cpSync(join(ROOT, 'package-lock.json'), join(root, 'package-lock.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'domain', 'rule.ts'), 'export const answer: number = 41;\n');
  writeFileSync(
    join(root, 'cli', 'main.ts'),
    "import { answer } from '../domain/rule.ts';\nexport const said = [answer, import.meta.url].join(' ');\n",
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = async (program: string): Promise<string> => (await import(/* @vite-ignore */ program)).said;

test('the same sources are built once, and any change causes a new build', async () => {
  const first = await bundledProgram(root);
  expect(await run(first)).toMatch(/^41 /);
  expect(await bundledProgram(root)).toBe(first);
  writeFileSync(join(root, 'domain', 'rule.ts'), 'export const answer: number = 42;\n');
  const second = await bundledProgram(root);
  expect(second).not.toBe(first);
  expect(await run(second)).toMatch(/^42 /);
});

test('a change of a patch makes another program', async () => {
  const first = await bundledProgram(root);
  writeFileSync(join(root, 'patches', 'kafkajs+2.2.4.patch'), 'one\n');
  const second = await bundledProgram(root);
  writeFileSync(join(root, 'patches', 'kafkajs+2.2.4.patch'), 'other\n');
  expect(new Set([first, second, await bundledProgram(root)]).size).toBe(3);
});

test('a source keeps its own URL: files beside it are found', async () => {
  const said = await run(await bundledProgram(root));
  expect(said.split(' ')[1]).toBe(new URL(`file://${join(root, 'cli', 'main.ts')}`).href);
});

test('tests and other files are not part of the program', async () => {
  const first = await bundledProgram(root);
  writeFileSync(join(root, 'domain', 'rule.test.ts'), 'throw new Error();\n');
  writeFileSync(join(root, 'domain', 'README.md'), 'words\n');
  expect(await bundledProgram(root)).toBe(first);
});

test('sources that cannot be built leave nothing that could be run', async () => {
  writeFileSync(join(root, 'domain', 'rule.ts'), 'export const = ;\n');
  await expect(bundledProgram(root)).rejects.toThrow(/rule\.ts/);
  const left = existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : [];
  expect(left.filter((name) => !name.includes('.tmp-'))).toEqual([]);
});

test('builds older than a day are deleted, except a few', async () => {
  for (let n = 0; n < 8; n++) {
    writeFileSync(join(root, 'domain', 'rule.ts'), `export const answer: number = ${n};\n`);
    const folder = dirname(fileURLToPath(await bundledProgram(root)));
    const at = Date.now() / 1_000 - (n < 4 ? 2 * 86_400 : 60);
    utimesSync(folder, at, at);
  }
  expect(readdirSync(join(root, 'dist'))).toHaveLength(5);
});
