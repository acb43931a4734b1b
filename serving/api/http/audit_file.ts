import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Serial } from '../../../infra/serial.ts';

/** A file of this size is put aside; of those put aside so many are kept: 200 MB in all. */
const MAX_BYTES = 10_000_000;
const KEPT = 19;

interface Limits {
  maxBytes: number;
  kept: number;
}

/**
 * JSON lines, appended and on disk when it resolves. A full file is renamed to `<name>-<time>.jsonl`, and the oldest ones
 * are removed; another process that writes to the same file may do so too.
 */
export function auditFile(
  path: string,
  { maxBytes, kept }: Limits = { maxBytes: MAX_BYTES, kept: KEPT },
): (line: object) => Promise<void> {
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

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(absent))?.size ?? 0;
}

async function putAside(path: string, kept: number): Promise<void> {
  const [folder, name] = [dirname(path), basename(path, '.jsonl')];
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  await rename(path, join(folder, `${name}-${time}.jsonl`)).catch(absent);
  const aside = (await readdir(folder)).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.jsonl')).sort();
  for (const file of aside.slice(0, Math.max(0, aside.length - kept))) await rm(join(folder, file), { force: true });
}

/** Another process was first. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
