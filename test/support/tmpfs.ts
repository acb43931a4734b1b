import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a file system of this size at the folder; false if not permitted. */
export function mountTmpfs(at: string, options: string): boolean {
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const unmount = (at: string): void => void execFileSync('umount', [at]);

export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-mount-'));
  const is = process.getuid?.() === 0 && mountTmpfs(folder, 'size=64k');
  if (is) unmount(folder);
  rmSync(folder, { recursive: true });
  return is;
}
