import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from '../../supervisor/types.ts';

export interface NonRoot {
  /** The command to prefix. */
  wrapper: string[];
}

const MAPPED = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
const ROOT = 0;
/** The user that runs it where root cannot be mapped to another uid. */
export const PLAIN_UID = 12_345;
const OTHERS_MAY_ENTER = 0o001;

/**
 * How to run a program that refuses uid 0. Preferably in a user namespace: for the file system the process is still
 * root (private folders stay readable), for itself uid 1000. Where that is forbidden, under a plain uid that must be
 * able to enter the folders: `passes` get execute permission for that, without being listable.
 */
export function asNonRoot(
  { reads, owns, passes }: { reads: string; owns: string; passes: string[] },
  mayMap = () => works([...MAPPED, 'true']),
): NonRoot {
  if (process.getuid?.() !== ROOT) return { wrapper: [] };
  if (mayMap()) {
    if (statSync(owns).uid !== ROOT) own(owns, ROOT);
    return { wrapper: MAPPED };
  }
  // Everything else in them is closed.
  for (const path of passes) chmodSync(path, 0o711);
  for (const path of [reads, owns]) {
    const closed = closedParent(path);
    if (closed) {
      throw new StartError(
        `Elasticsearch refuses to run as root, and uid ${PLAIN_UID} cannot enter ${closed}: run as an ordinary user, or chmod o+x it`,
      );
    }
  }
  own(owns, PLAIN_UID);
  chmodSync(owns, 0o700);
  const ids = [`--reuid=${PLAIN_UID}`, `--regid=${PLAIN_UID}`, '--clear-groups'];
  return { wrapper: ['setpriv', ...ids] };
}

function works([file, ...args]: string[]): boolean {
  try {
    execFileSync(file as string, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function closedParent(path: string): string | undefined {
  for (let folder = dirname(realpathSync(path)); folder !== '/'; folder = dirname(folder)) {
    if ((statSync(folder).mode & OTHERS_MAY_ENTER) === 0) return folder;
  }
  return undefined;
}

function own(path: string, uid: number): void {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) own(inner, uid);
    else lchownSync(inner, uid, uid);
  }
}
