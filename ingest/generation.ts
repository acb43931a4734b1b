import { z } from 'zod';
import { FINGERPRINT_BYTES, fingerprint, matches, type ReadSha } from './fingerprint.ts';

/** `inode` is device and inode, '' when the file is known to be gone; `born` is '' where the file system cannot tell. */
export const fileId = z.object({ inode: z.string(), born: z.string() });
export type FileId = z.infer<typeof fileId>;

/**
 * A generation is one life of a log's content: it survives being renamed or copied away, and ends when its bytes do.
 * Places of lines (generation and offset) stay the same whatever file the bytes are in.
 */
export const generation = z.object({
  id: z.string(),
  /** Path that the log is written to; a rotated sibling keeps it. */
  log: z.string(),
  file: fileId,
  head: fingerprint,
  /** The last bytes that were read: it ends at the offset to go on from. */
  tail: fingerprint,
  /** Files that repeat it, and are not read as long as it has a file of its own. */
  copies: z.array(fileId),
});
export type Generation = z.infer<typeof generation>;

export interface SeenFile {
  path: string;
  log: string;
  id: FileId;
  size: number;
  readSha: ReadSha;
}

/** A generation that is in a file now. */
export interface OpenGeneration {
  generation: Generation;
  file: Pick<SeenFile, 'id' | 'size' | 'readSha'>;
}

export type Verdict = { kind: 'continues'; generation: string } | { kind: 'copy'; of: string } | { kind: 'new' };

/**
 * What a file is that no generation is being read from.
 * @param lost generations without a file, oldest first
 */
export function recognise(file: SeenFile, lost: Generation[], live: () => OpenGeneration[]): Verdict {
  const same = lost.findLast((generation) => sameFile(generation.file, file.id) && hasBytesOf(file, generation));
  if (same) return { kind: 'continues', generation: same.id };
  // A log that is written to begins anew, even with the bytes that another one had.
  if (file.path === file.log) return { kind: 'new' };

  const [source] = lost
    .filter((generation) => generation.log === file.log && mayBeCopyOf(file.id, generation.file))
    .filter((generation) => hasBytesOf(file, generation))
    .sort((a, b) => b.tail.to - a.tail.to);
  if (source) return { kind: 'continues', generation: source.id };

  const alive = live();
  const known = [...lost, ...alive.map(({ generation }) => generation)].find(
    ({ copies, head }) =>
      copies.some((id) => sameFile(id, file.id)) && (file.size < head.to || matches(file.readSha, head)),
  );
  if (known) return { kind: 'copy', of: known.id };
  const original = alive.find(
    ({ generation, file: other }) =>
      generation.log === file.log && mayBeCopyOf(file.id, other.id) && repeatsBeginningOf(file, other),
  );
  return original ? { kind: 'copy', of: original.generation.id } : { kind: 'new' };
}

/** Inodes are used again, so a file is the same only if it was also born at the same time (where that is known). */
export const sameFile = (a: FileId, b: FileId): boolean =>
  a.inode !== '' && a.inode === b.inode && (a.born === '' || b.born === '' || a.born === b.born);

const hasBytesOf = (file: SeenFile, { head, tail }: Generation): boolean =>
  file.size >= tail.to && matches(file.readSha, tail) && matches(file.readSha, head);

const mayBeCopyOf = (copy: FileId, original: FileId): boolean =>
  copy.born === '' || original.born === '' || BigInt(copy.born) >= BigInt(original.born);

/** True while a copytruncate is copying, and for a copy that somebody keeps. */
function repeatsBeginningOf(file: SeenFile, original: OpenGeneration['file']): boolean {
  if (file.size === 0 || file.size > original.size) return false;
  const ends = [
    [0, Math.min(FINGERPRINT_BYTES, file.size)],
    [Math.max(0, file.size - FINGERPRINT_BYTES), file.size],
  ] as const;
  return ends.every(([from, to]) => file.readSha(from, to) === original.readSha(from, to));
}
