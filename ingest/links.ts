import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** As many as the kernel follows. */
const MAX_HOPS = 40;

/** Where logs that are symbolic links lead: rotated siblings lie beside the target. */
export class Links {
  /** By path of the link. The target is looked up again only when another file is found under the link. */
  readonly #seen = new Map<string, { inode: string | null; target: string | null }>();

  /** The file under this path is there (its inode), or cannot be found (null). */
  see(path: string, inode: string | null): void {
    const seen = this.#seen.get(path);
    if (seen === undefined || (inode !== null && seen.inode !== inode)) {
      this.#seen.set(path, { inode, target: linkTarget(path) });
    }
  }

  /** A known log that may be absent, or a link that leads nowhere for the moment. */
  seeMissing(path: string): void {
    if (!this.#seen.has(path)) this.see(path, null);
  }

  /** Null: it is no link. */
  targetOf(path: string): string | null {
    return this.#seen.get(path)?.target ?? null;
  }
}

/** The path at the end of a chain of links, also if nothing is there; null for what is no link. */
function linkTarget(path: string): string | null {
  try {
    if (!lstatSync(path).isSymbolicLink()) return null;
    let at = path;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      at = resolve(dirname(at), readlinkSync(at));
      if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) break;
    }
    return join(realpathSync(dirname(at)), basename(at));
  } catch (error) {
    // No entry, or a folder that may not be searched: what can be read of it is reported elsewhere.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
