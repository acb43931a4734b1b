import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensurePackages } from './packages.mjs';
import { applyPatches, hashOfPatches } from './patches.mjs';

const PATCH_PACKAGE = fileURLToPath(new URL('../../node_modules/patch-package', import.meta.url));
const PATH = process.env.PATH;
let folder: string;
let root: string;

/** A project with one package, and a fake npm that reinstalls it and records the call. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
  root = join(folder, 'project');
  release('1.0.0', 'one\ntwo\nthree\n');
  writePatch('+2.5\n');
  const npm = [
    '#!/bin/sh',
    'echo called >> ../calls',
    'rm -rf node_modules && cp -R ../installed node_modules',
    `ln -s '${PATCH_PACKAGE}' node_modules/patch-package`,
  ];
  write(join(folder, 'bin', 'npm'), npm.join('\n'), 0o755);
  process.env.PATH = [join(folder, 'bin'), PATH].join(delimiter);
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** Sets the release that package-lock.json requires and npm installs. */
function release(version: string, text: string): void {
  const packages = { 'node_modules/counter': { version, integrity: version } };
  write(join(root, 'package.json'), '{}');
  write(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  write(join(folder, 'installed', '.package-lock.json'), JSON.stringify({ packages }));
  write(join(folder, 'installed', 'counter', 'package.json'), JSON.stringify({ name: 'counter', version }));
  write(join(folder, 'installed', 'counter', 'numbers.txt'), text);
}

/** A patch that inserts one line after the second of three. */
function writePatch(line: string): void {
  const file = 'node_modules/counter/numbers.txt';
  const head = `diff --git a/${file} b/${file}\nindex 1111111..2222222 100644\n--- a/${file}\n+++ b/${file}\n`;
  write(join(root, 'patches', 'counter+1.0.0.patch'), `${head}@@ -1,3 +1,4 @@\n one\n two\n${line} three\n`);
}

const ensure = () => ensurePackages({ root, cacheDir: join(folder, 'cache'), log: () => {} });
const numbers = () => readFileSync(join(root, 'node_modules', 'counter', 'numbers.txt'), 'utf8');
function installs(): number {
  try {
    return readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
function installByHand(): void {
  write(join(root, 'node_modules', '.package-lock.json'), readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const name of ['package.json', 'numbers.txt']) {
    const text = readFileSync(join(folder, 'installed', 'counter', name), 'utf8');
    write(join(root, 'node_modules', 'counter', name), text);
  }
  symlinkSync(PATCH_PACKAGE, join(root, 'node_modules', 'patch-package'));
}

test('packages are installed and patched once', async () => {
  await ensure();
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.5\nthree\n');
  expect(installs()).toBe(1);
});

test('packages that somebody else installed are patched, also when they patched them too', async () => {
  installByHand();
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.5\nthree\n');
  rmSync(join(root, 'node_modules', '.clickledger-lock'));
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.5\nthree\n');
  expect(installs()).toBe(0);
});

test('a changed patch is applied to packages as they were published', async () => {
  await ensure();
  writePatch('+2.7\n');
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.7\nthree\n');
  expect(installs()).toBe(2);
});

test('a package that was changed otherwise is reinstalled', async () => {
  installByHand();
  write(join(root, 'node_modules', 'counter', 'numbers.txt'), 'one\ntwo\n2.3\nthree\n');
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.5\nthree\n');
  expect(installs()).toBe(1);
});

test('packages from before patches existed are reinstalled', async () => {
  installByHand();
  write(join(root, 'node_modules', '.clickledger-lock'), 'a hash');
  await ensure();
  expect(numbers()).toBe('one\ntwo\n2.5\nthree\n');
  expect(installs()).toBe(1);
});

test.each([
  ['1.0.0', 'one\nthree\n', 'Failed to apply patch for package counter'],
  ['1.1.0', 'one\nthree\n', 'Failed to apply patch for package counter'],
  ['1.1.0', 'one\ntwo\nthree\n', 'the patch is for counter@1.0.0, installed is counter@1.1.0'],
])('a release %s of %j that the patch is not for is refused in one line', async (version, text, reason) => {
  release(version, text);
  const failure = await ensure().catch((error: Error) => error.message);
  expect(failure).toBe(`patches/ cannot be applied: ${reason} (patches/README.md says how to renew one)`);
  expect(existsSync(join(root, 'node_modules', '.clickledger-lock'))).toBe(false);
});

test('the hash is one of names and contents', () => {
  const before = hashOfPatches(root);
  write(join(root, 'patches', 'README.md'), 'words');
  expect(hashOfPatches(root)).toBe(before);
  write(join(root, 'patches', 'other+1.0.0.patch'), '');
  expect(hashOfPatches(root)).not.toBe(before);
});

test('without the program that applies them, it says so', () => {
  mkdirSync(join(root, 'node_modules'));
  expect(applyPatches(root)).toBe('patch-package ended with 1');
});
