import { readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { escapePath, globSync } from 'tinyglobby';
import { type FileState, statFile } from './files.ts';
import type { ForeignLink, Links } from './links.ts';
import type { FileProblems } from './report.ts';
import { isCompressed, rotatedFrom, siblingPatterns } from './rotated_names.ts';

export interface Found {
  path: string;
  /** The path that the log is (or was) written to: `path` itself, or that of the log it was rotated from. */
  log: string;
  /** The log that a file with `log` = `path` may have been rotated from, by its name: it may be one of its own, too. */
  origin?: string;
}

export interface Listed extends Found {
  state: FileState;
}

interface Discovered {
  files: Found[];
  /** Compressed siblings, which are not read. */
  compressed: Found[];
}

interface Listing {
  listed: Listed[];
  compressed: Found[];
  /** Files whose names are not UTF-8, so that they cannot be read; as the names are shown. */
  unreadable: string[];
  /** Files that are not read because of a link that leads to them. */
  foreign: { path: string; state: FileState; link: ForeignLink }[];
}

/** The glob, with the data folder's own path taken literally, whatever characters it contains. */
export const logPattern = (logGlob: string, dataDir: string): string =>
  logGlob.startsWith(dataDir + sep) ? escapePath(dataDir) + logGlob.slice(dataDir.length) : logGlob;

/**
 * Logs that match the pattern, then rotated siblings of these or of a known log, which may be absent between its
 * rotation and its next line.
 */
export function discover(pattern: string, knownLogs: ReadonlySet<string>): Discovered {
  const options = { absolute: true, onlyFiles: true, expandDirectories: false };
  const matching = globSync(pattern, options);
  const matches = new Set(matching.filter((path) => !isCompressed(path)));
  const isLog = (path: string): boolean => matches.has(path) || knownLogs.has(path);
  const [logs, siblings, compressed]: [Found[], Found[], Found[]] = [[], [], []];
  for (const path of [...new Set([...matching, ...globSync(siblingPatterns(pattern), options)])].sort()) {
    const folder = dirname(path);
    const rotated = rotatedFrom(basename(path), (name) => isLog(join(folder, name)));
    const log = rotated && join(folder, rotated.log);
    if (isCompressed(path)) {
      if (log !== null) compressed.push({ path, log });
    } else if (log === null) {
      if (matches.has(path)) logs.push({ path, log: path });
    } else if (rotated?.isWithin) siblings.push({ path, log: matches.has(path) ? path : log, origin: log });
    else siblings.push({ path, log });
  }
  return { files: [...logs, ...siblings], compressed };
}

/** Files beside the target of a link that were rotated from it: they belong to the log that the link is. */
function besideTargets(links: Links): Discovered {
  const [files, compressed]: [Found[], Found[]] = [[], []];
  for (const { log, target } of links.targets()) {
    const name = basename(target);
    for (const other of namesIn(dirname(target))) {
      const rotated = rotatedFrom(other, (one) => one === name);
      if (rotated === null) continue;
      const path = join(dirname(target), other);
      if (isCompressed(path)) compressed.push({ path, log });
      // The pattern does not name it, so it is read only as what the log was.
      else files.push({ path, log, ...(rotated.isWithin && { origin: log }) });
    }
  }
  return { files, compressed };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, or not to be read: its link is missing, or the glob reports it.
    return [];
  }
}

/** Regular files, each once: a hard link or a symbolic one is not a second file. */
export function listFiles(
  pattern: string,
  knownLogs: ReadonlySet<string>,
  links: Links,
  problems: FileProblems,
): Listing {
  const { files, compressed } = discover(pattern, knownLogs);
  const listed = new Map<string, Listed>();
  const unreadable: string[] = [];
  const foreign: Listing['foreign'] = [];
  const add = (found: Found): FileState | null => {
    const state = problems.try('inspect', found.path, () => statFile(found.path)) ?? null;
    if (state === null && found.path.includes('\uFFFD')) unreadable.push(found.path);
    const link = state && (problems.try('inspect', found.path, () => links.foreign(found, state)) ?? null);
    if (link) {
      foreign.push({ path: found.path, state: state as FileState, link });
      return null;
    }
    if (state && !listed.has(state.id.inode)) listed.set(state.id.inode, { ...found, state });
    return state;
  };
  for (const found of files) {
    const state = add(found);
    if (found.path === found.log) links.see(found.path, state?.id.inode ?? null);
  }
  for (const log of knownLogs) links.seeMissing(log);
  const beside = besideTargets(links);
  for (const found of beside.files) add(found);
  return { listed: [...listed.values()], compressed: [...compressed, ...beside.compressed], unreadable, foreign };
}
