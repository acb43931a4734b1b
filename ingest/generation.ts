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
  id: FileId;
  size: number;
  readSha: ReadSha;
}

/** A generation with an attached file. */
export interface OpenGeneration {
  generation: Generation;
  file: Pick<SeenFile, 'id' | 'size' | 'readSha'>;
}

export type Verdict = { kind: 'continues'; generation: string } | { kind: 'copy'; of: string } | { kind: 'new' };

/**
 * Decides whether an unattached file continues a generation, is a copy of one, or is new.
 * @param lost generations without a file, oldest first
 */
export function recognise(file: SeenFile, lost: Generation[], openGenerations: () => OpenGeneration[]): Verdict {
  const same = lost.findLast((generation) => sameFile(generation.file, file.id) && hasBytesOf(file, generation));
  if (same) return { kind: 'continues', generation: same.id };
  // A log's own path starts a new generation, even with bytes that another one had.
  if (file.path === file.log) return { kind: 'new' };

  const [source] = lost
    .filter((generation) => generation.log === file.log && mayBeCopyOf(file.id, generation.file))
    .filter((generation) => hasBytesOf(file, generation))
    .sort((a, b) => b.tail.to - a.tail.to);
  if (source) return { kind: 'continues', generation: source.id };

  const alive = openGenerations();
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
