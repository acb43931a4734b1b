import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Serial } from '../../../infra/serial.ts';

export interface FileLimits {
  /** A file of this size is put aside. */
  maxBytes: number;
  /** So many of those put aside are kept. */
  kept: number;
}

/**
 * JSON lines, appended and on disk when it resolves. A full file is renamed to `<name>-<time>.jsonl`, and the oldest ones
 * are removed; another process that writes to the same file may do so too.
 */
export function auditFile(path: string, { maxBytes, kept }: FileLimits): (line: object) => Promise<void> {
  const serial = new Serial();
  return (line) =>
    serial.run(async () => {
      await mkdir(dirname(path), { recursive: true });
      if ((await sizeOf(path)) >= maxBytes) await putAside(path, kept);
      const handle = await open(path, 'a', 0o600);
      try {
        await handle.write(`${JSON.stringify(line)}\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    });
}

/** What follows the name of a file that was put aside. Another file may have a name that only begins with this one's. */
const ASIDE = /^-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.jsonl$/;

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(absent))?.size ?? 0;
}

async function putAside(path: string, kept: number): Promise<void> {
  const [folder, name] = [dirname(path), basename(path, '.jsonl')];
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  await rename(path, join(folder, `${name}-${time}.jsonl`)).catch(absent);
  const isAside = (file: string): boolean => file.startsWith(name) && ASIDE.test(file.slice(name.length));
  const aside = (await readdir(folder)).filter(isAside).sort();
  for (const file of aside.slice(0, Math.max(0, aside.length - kept))) await rm(join(folder, file), { force: true });
}

/** Another process was first. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
