import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomically } from '../../infra/files.ts';
import type { Cut } from '../day/cut.ts';

/**
 * Asks the archive, in whichever processes it runs, to write up to a cut now instead of when a file would be full. The
 * asker takes the request back when it saw the archive there; one that was left behind costs nothing.
 * @param name the same name replaces the request
 */
export function requestFlush(archiveDir: string, name: string, cut: Cut): () => void {
  const folder = join(archiveDir, 'flush-requests');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeJsonAtomically(path, { cut });
  return () => rmSync(path, { force: true });
}

/** The furthest offset that is asked for, for each partition. */
export function requestedCut(archiveDir: string): Cut {
  const cut: Cut = {};
  const folder = join(archiveDir, 'flush-requests');
  for (const name of listing(folder)) {
    if (!name.endsWith('.json')) continue;
    for (const [partition, offset] of Object.entries(readRequest(join(folder, name)))) {
      cut[partition] = Math.max(cut[partition] ?? 0, offset);
    }
  }
  return cut;
}

function listing(folder: string): string[] {
  return orGone(() => readdirSync(folder), []);
}

const readRequest = (path: string): Cut =>
  orGone(() => (JSON.parse(readFileSync(path, 'utf8')) as { cut: Cut }).cut, {});

/** A request may be taken back between being listed and being read. */
function orGone<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return gone;
    throw error;
  }
}
