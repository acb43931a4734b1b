import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeJsonAtomically } from '../../infra/files.ts';

/**
 * Creates a file that must not exist yet: of several who try one succeeds, the others get false. It appears under its
 * name only when all of it is on disk, so a kill can leave no half-written file that would block the name for good.
 */
export function createExclusively(path: string, value: unknown): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  writeJsonAtomically(aside, value);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(aside);
  }
}
