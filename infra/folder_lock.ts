import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** flock(1) says so if the lock is held elsewhere. */
const HELD = 1;

export interface FileLock {
  release(): Promise<void>;
}

/**
 * A lock of the file itself, by whatever path, in whatever container and, where the file system passes locks on (NFS
 * does), on whatever machine. Node has no call for it, so flock(1) holds it, and ends with this process, however that
 * ends: the kernel closes its standard input. Null: somebody else holds it.
 */
export async function lockFile(path: string): Promise<FileLock | null> {
  mkdirSync(dirname(path), { recursive: true });
  // In a group of its own: Ctrl-C at a terminal must not end it before its holder has written its last checkpoint.
  const child = spawn('flock', ['-n', path, 'cat'], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  // It may have ended before it is written to.
  child.stdin.on('error', () => undefined);
  child.stdin.write('locked\n');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('flock is missing: install util-linux') : error),
    );
    child.once('close', resolve);
  });
  const code = await Promise.race([once(child.stdout, 'data').then(() => 'locked' as const), ended]);
  if (code === HELD && said === '') return null;
  if (code !== 'locked') throw new Error(`${path} cannot be locked: ${said.trim() || `flock ended with ${code}`}`);
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr] as unknown as { unref(): void }[]) stream.unref();
  return {
    async release() {
      // Nothing else may be left to wait for, and Node would end here.
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
