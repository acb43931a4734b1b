import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Cut, cut } from '../../domain/cut.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';

const request = z.object({ cut });

/**
 * Requests the archive, in whichever processes it runs, to write up to a cut now instead of when a file would be full.
 * The caller withdraws the request once the archive has reached the cut; a leftover one does no harm.
 * @param name an existing request with this name is replaced
 */
export function requestFlush(archiveDir: string, name: string, upTo: Cut): () => void {
  const folder = join(archiveDir, 'flush-requests');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeJsonAtomically(path, { cut: upTo } satisfies z.infer<typeof request>);
  return () => rmSync(path, { force: true });
}

/** The highest requested offset of each partition. */
export function requestedCut(archiveDir: string): Cut {
  const furthest: Cut = {};
  const folder = join(archiveDir, 'flush-requests');
  for (const name of listing(folder)) {
    if (!name.endsWith('.json')) continue;
    for (const [partition, offset] of Object.entries(readRequest(join(folder, name)))) {
      furthest[partition] = Math.max(furthest[partition] ?? 0, offset);
    }
  }
  return furthest;
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A request may be withdrawn between being listed and being read. */
const readRequest = (path: string): Cut => readJsonIfThere(request, path)?.cut ?? {};
