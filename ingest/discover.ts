import { basename, dirname, join, sep } from 'node:path';
import { escapePath, globSync } from 'tinyglobby';
import { type FileState, statFile } from './files.ts';
import type { FileProblems } from './report.ts';

export interface Found {
  path: string;
  /** The path that the log is (or was) written to: `path` itself, or that of the log it was rotated from. */
  log: string;
}

export interface Listed extends Found {
  state: FileState;
}

const COMPRESSED = /\.(gz|zst|bz2|xz)$/;

/** The glob, with the data folder's own path taken literally, whatever characters it contains. */
export const logPattern = (logGlob: string, dataDir: string): string =>
  logGlob.startsWith(dataDir + sep) ? escapePath(dataDir) + logGlob.slice(dataDir.length) : logGlob;

/**
 * Logs that match the pattern, then rotated siblings (`<log>.*`) of these or of a known log, which may be absent between
 * its rotation and its next line.
 */
export function discover(pattern: string, knownLogs: ReadonlySet<string>): Found[] {
  const options = { absolute: true, onlyFiles: true, expandDirectories: false };
  const matching = globSync(pattern, options).filter((path) => !COMPRESSED.test(path));
  const paths = [...new Set([...matching, ...globSync(`${pattern}.*`, options)])].filter(
    (path) => !COMPRESSED.test(path),
  );
  const matches = new Set(matching);
  const isLog = (path: string): boolean => matches.has(path) || knownLogs.has(path);
  const logs: Found[] = [];
  const siblings: Found[] = [];
  for (const path of paths.sort()) {
    const log = rotatedFrom(path, isLog);
    if (log !== null) siblings.push({ path, log });
    else if (matches.has(path)) logs.push({ path, log: path });
  }
  return [...logs, ...siblings];
}

function rotatedFrom(path: string, isLog: (path: string) => boolean): string | null {
  const [folder, name] = [dirname(path), basename(path)];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const log = join(folder, name.slice(0, dot));
    if (isLog(log)) return log;
  }
  return null;
}

/** Files found by `discover`, each once: a hard link is not a second file. */
export function listFiles(pattern: string, knownLogs: ReadonlySet<string>, problems: FileProblems): Listed[] {
  const listed = new Map<string, Listed>();
  for (const found of discover(pattern, knownLogs)) {
    const state = problems.try('inspect', found.path, () => statFile(found.path));
    if (state && !listed.has(state.id.inode)) listed.set(state.id.inode, { ...found, state });
  }
  return [...listed.values()];
}
