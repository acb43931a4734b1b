import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { FileState } from './files.ts';

/** As many as the kernel follows. */
const MAX_HOPS = 40;

/** Where logs that are symbolic links lead: rotated siblings lie beside the target. */
export class Links {
  /** By path. It is looked up again only when another file is found under it. */
  readonly #inodes = new Map<string, string | null>();
  readonly #targets = new Map<string, string>();
  /** By path: the file that may be read there. */
  readonly #trusted = new Map<string, string>();

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

  /**
   * See foreignLink; also for the links of the log that the file was rotated from: they say in which folder it lies. A path
   * is looked at again only when another file is found under it.
   */
  foreign({ path, log }: { path: string; log: string }, { id, owner }: Pick<FileState, 'id' | 'owner'>) {
    const followed = `${id.inode} ${owner} ${log}`;
    if (this.#trusted.get(path) === followed) return null;
    const link = foreignLink(path, owner) ?? (log === path ? null : foreignLink(log, owner));
    if (link === null) this.#trusted.set(path, followed);
    return link;
  }

  /** Links with their targets. */
  *targets(): Generator<{ log: string; target: string }> {
    for (const [log, target] of this.#targets) yield { log, target };
  }
}

const OWN_USER = process.geteuid?.() ?? 0;
const ROOT = 0;

/**
 * A symbolic link on the way to a file that leads to what is not its owner's; null if there is none. Whoever may make
 * files in a folder of logs could otherwise have any file read that the log monitor may read. Links of root and of the
 * log monitor's own user lead where they are meant to.
 * @param owner of the file
 */
function foreignLink(path: string, owner: number): ForeignLink | null {
  for (const link of linksOn(path)) {
    if (![ROOT, OWN_USER, owner].includes(link.owner)) return link;
  }
  return null;
}

export interface ForeignLink {
  path: string;
  /** The number of its user. */
  owner: number;
}

/** The symbolic links that are followed from the root to the file. */
function* linksOn(path: string): Generator<ForeignLink> {
  const parts = (text: string): string[] => text.split(sep).filter((part) => part !== '');
  let rest = parts(path);
  let at: string = sep;
  for (let hop = 0; hop < MAX_HOPS; ) {
    const [name, ...others] = rest;
    if (name === undefined) return;
    rest = others;
    const next = join(at, name);
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink()) at = next;
    else {
      hop += 1;
      yield { path: next, owner: stat.uid };
      const target = readlinkSync(next);
      if (isAbsolute(target)) at = sep;
      rest = [...parts(target), ...rest];
    }
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
