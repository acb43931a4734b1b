import { basename } from 'node:path';
import { z } from 'zod';
import { FINGERPRINT_BYTES, fingerprint, matches, type ReadSha } from './fingerprint.ts';

/** `inode` is device and inode, '' if the file no longer exists; `born` is '' if the file system has no birth times. */
export const fileId = z.object({ inode: z.string(), born: z.string() });
export type FileId = z.infer<typeof fileId>;

/**
 * A generation is one life of a log's content: it survives being renamed or copied, and ends when its bytes are gone.
 * Positions of lines (generation and offset) stay the same whatever file the bytes are in.
 */
export const generation = z.object({
  id: z.string(),
  /** Path that the log is written to; a rotated sibling keeps it. */
  log: z.string(),
  file: fileId,
  head: fingerprint,
  /** The last bytes read; ends at the offset to resume from. */
  tail: fingerprint,
  /** Files with the same content, which are not read while the generation has a file of its own. */
  copies: z.array(fileId),
});
export type Generation = z.infer<typeof generation>;

export interface SeenFile {
  path: string;
  log: string;
  /** The log that it may have been rotated from, if `log` is its own path. */
  origin?: string;
  id: FileId;
  size: number;
  /** Copied or unpacked with its times (see FileState), or in a data folder that was. */
  wasCopied: boolean;
  readSha: ReadSha;
}

/** A generation with an attached file. */
export interface OpenGeneration {
  generation: Generation;
  file: Pick<SeenFile, 'id' | 'size' | 'readSha'>;
}

/** `isGuess`: nothing but its name and its bytes tell. */
export type Verdict =
  | { kind: 'continues'; generation: string; isGuess?: true }
  | { kind: 'copy'; of: string }
  | { kind: 'new' };

/**
 * Decides whether an unattached file continues a generation, is a copy of one, or is new. A log's own path starts a new
 * generation, even with bytes that another one had, unless something else tells that the file was copied or moved.
 * @param lost generations without a file, oldest first
 */
export function recognise(file: SeenFile, lost: Generation[], openGenerations: () => OpenGeneration[]): Verdict {
  const same =
    lost.findLast((generation) => sameFile(generation.file, file.id) && hasBytesOf(file, generation)) ??
    lost.findLast((generation) => isOnOtherDevice(generation, file) && hasBytesOf(file, generation));
  if (same) return { kind: 'continues', generation: same.id };

  const [source] = lost
    .filter((generation) => mayHaveBecome(generation, file) && mayBeCopyOf(file.id, generation.file))
    .filter((generation) => hasBytesOf(file, generation))
    .sort((a, b) => b.tail.to - a.tail.to);
  if (source) {
    const isGuess = originOf(file) === null && !file.wasCopied;
    return { kind: 'continues', generation: source.id, ...(isGuess && { isGuess }) };
  }

  const alive = openGenerations();
  const isSibling = originOf(file) !== null;
  if (!isSibling && !file.wasCopied) return { kind: 'new' };
  const known = [...lost, ...alive.map(({ generation }) => generation)].find(
    ({ copies, head, tail }) =>
      copies.some((id) => sameFile(id, file.id)) &&
      file.size <= tail.to &&
      (file.size < head.to || matches(file.readSha, head)),
  );
  if (known) return { kind: 'copy', of: known.id };
  const original = alive.find(
    ({ generation, file: other }) =>
      (file.wasCopied || generation.log === originOf(file)) &&
      mayBeCopyOf(file.id, other.id) &&
      repeatsBeginningOf(file, other),
  );
  return original ? { kind: 'copy', of: original.generation.id } : { kind: 'new' };
}

/**
 * A generation whose lines were counted and with which a file begins that is to be counted from its beginning: its
 * lines may be counted again, and nobody can tell.
 */
export function countedBefore(
  file: SeenFile,
  lost: Generation[],
  openGenerations: () => OpenGeneration[],
): Generation | null {
  const all = [...lost, ...openGenerations().map(({ generation }) => generation)];
  return all.find((generation) => generation.tail.to > 0 && hasBytesOf(file, generation)) ?? null;
}

/** The log that a file was, or may have been, rotated from. */
const originOf = ({ path, log, origin }: SeenFile): string | null => origin ?? (path === log ? null : log);

/** Without any bytes of its own a generation is like every file. */
const mayHaveBecome = (generation: Generation, file: SeenFile): boolean =>
  generation.head.to > 0 && (generation.log === originOf(file) || file.wasCopied || isMoved(generation, file));

/** A log of the same name in another folder, with more of the same bytes than two logs have by chance. */
const isMoved = ({ log, tail }: Generation, file: SeenFile): boolean =>
  tail.to >= FINGERPRINT_BYTES && file.path !== log && basename(file.path) === basename(log);

/**
 * A volume that is mounted again may have another device number; the inode and the birth time are in the volume. Without
 * birth times the path tells.
 */
function isOnOtherDevice({ file: before, log }: Generation, file: SeenFile): boolean {
  if (before.inode === '' || inodeOf(before) !== inodeOf(file.id)) return false;
  return before.born === '' || file.id.born === '' ? log === file.log : before.born === file.id.born;
}

/** Without the device. */
const inodeOf = ({ inode }: FileId): string => inode.slice(inode.indexOf(':') + 1);

/** The same file on a volume that has another device number now; only birth times make that certain. */
export const sameOnOtherDevice = (a: FileId, b: FileId): boolean =>
  a.inode !== '' && a.born !== '' && a.born === b.born && inodeOf(a) === inodeOf(b);

/** Inodes are reused, so a file is the same only if its birth time (where available) is also the same. */
export const sameFile = (a: FileId, b: FileId): boolean =>
  a.inode !== '' && a.inode === b.inode && (a.born === '' || b.born === '' || a.born === b.born);

const hasBytesOf = (file: SeenFile, { head, tail }: Generation): boolean =>
  file.size >= tail.to && matches(file.readSha, tail) && matches(file.readSha, head);

const mayBeCopyOf = (copy: FileId, original: FileId): boolean =>
  copy.born === '' || original.born === '' || BigInt(copy.born) >= BigInt(original.born);

/** True during a copytruncate, and for a copy that is kept. */
function repeatsBeginningOf(file: SeenFile, original: OpenGeneration['file']): boolean {
  if (file.size === 0 || file.size > original.size) return false;
  const ends = [
    [0, Math.min(FINGERPRINT_BYTES, file.size)],
    [Math.max(0, file.size - FINGERPRINT_BYTES), file.size],
  ] as const;
  return ends.every(([from, to]) => file.readSha(from, to) === original.readSha(from, to));
}
