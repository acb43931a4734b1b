import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ArchivedFile } from './manifest.ts';

/** A file's manifest entry. */
export type Expected = Pick<ArchivedFile, 'bytes' | 'sha256'>;

/** A file that differs from its manifest. */
export class BadFileError extends Error {
  readonly reason: 'missing_file' | 'corrupt_file';

  constructor(reason: BadFileError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** @param durable also makes sure that it is on disk */
export async function hashFile(path: string, durable = false): Promise<Expected> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    if (durable) await handle.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/**
 * Compares a file with its manifest, byte by byte. Throws BadFileError.
 * @param named its name in messages, if `path` is a copy
 */
export async function checkFile(path: string, expected: Expected, named = path): Promise<void> {
  const { bytes, sha256 } = expected;
  if (!existsSync(path))
    throw new BadFileError('missing_file', `${named} is missing; its manifest says ${bytes} bytes`);
  const size = statSync(path).size;
  if (size !== bytes) {
    throw new BadFileError('corrupt_file', `${named} has ${size} bytes; its manifest says ${bytes}`);
  }
  if ((await hashFile(path)).sha256 !== sha256) {
    throw new BadFileError(
      'corrupt_file',
      `${named} is not what was archived: its SHA-256 differs from its manifest's`,
    );
  }
}
