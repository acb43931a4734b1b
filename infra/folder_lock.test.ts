import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../test/support/wait.ts';
import { lockFile } from './folder_lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

test('one holds a file, whatever path leads to it, until it lets go', async () => {
  mkdirSync(join(folder, 'data'));
  symlinkSync('data', join(folder, 'link'));
  const first = await lockFile(join(folder, 'data', 'lock'));
  expect(first).not.toBeNull();
  expect(await lockFile(join(folder, 'data', 'lock'))).toBeNull();
  expect(await lockFile(join(folder, 'link', 'lock'))).toBeNull();
  await first?.release();
  const second = await lockFile(join(folder, 'link', 'lock'));
  expect(second).not.toBeNull();
  await second?.release();
});

// As root, or where users may make namespaces.
const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
test.skipIf(!canUnshare)('it is held in another network namespace, as containers have', async () => {
  const path = join(folder, 'lock');
  const lock = await lockFile(path);
  expect(spawnSync('unshare', ['-n', 'flock', '-n', path, 'true']).status).toBe(1);
  await lock?.release();
  execFileSync('unshare', ['-n', 'flock', '-n', path, 'true']);
});

test('a holder that is killed holds it no longer', async () => {
  const path = join(folder, 'lock');
  const script = `
    import { lockFile } from ${JSON.stringify(new URL('folder_lock.ts', import.meta.url).href)};
    await lockFile(${JSON.stringify(path)});
    console.log('locked');
    setInterval(() => {}, 1000);
  `;
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  expect(await lockFile(path)).toBeNull();
  holder.kill('SIGKILL');
  const lock = await eventually('the lock', () => lockFile(path));
  await lock.release();
});

test('what cannot be locked is said with its path', async () => {
  await expect(lockFile('/proc/version/lock')).rejects.toThrow('/proc/version');
  await expect(lockFile('/proc/lock')).rejects.toThrow('/proc/lock cannot be locked');
});
