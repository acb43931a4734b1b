import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** As many as the kernel follows. */
const MAX_HOPS = 40;

/** Where logs that are symbolic links lead: rotated siblings lie beside the target. */
export class Links {
  /** By path. It is looked up again only when another file is found under it. */
  readonly #inodes = new Map<string, string | null>();
  readonly #targets = new Map<string, string>();

  /** The file under this path is there (its inode), or cannot be found (null). */
  see(path: string, inode: string | null): void {
    const seen = this.#inodes.get(path);
    if (seen === inode || (seen !== undefined && inode === null)) return;
    this.#inodes.set(path, inode);
    const target = linkTarget(path);
    if (target === null) this.#targets.delete(path);
    else this.#targets.set(path, target);
  }

  /** A known log that may be absent, or a link that leads nowhere for the moment. */
  seeMissing(path: string): void {
    if (!this.#inodes.has(path)) this.see(path, null);
  }

  /** Links with their targets. */
  *targets(): Generator<{ log: string; target: string }> {
    for (const [log, target] of this.#targets) yield { log, target };
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
