import { createHash } from 'node:crypto';

/** Bytes hashed at each end of the part already read, to recognise a file's content. */
export const FINGERPRINT_BYTES = 1024;

/** Hash of the bytes `[from, to)` of a file. */
export interface Fingerprint {
  from: number;
  to: number;
  sha: string;
}

export const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22);

export const EMPTY_FINGERPRINT: Fingerprint = { from: 0, to: 0, sha: shaOf(Buffer.alloc(0)) };

/** The hash of the bytes `[from, to)` of a file, null when it is shorter. */
export type ReadSha = (from: number, to: number) => string | null;

export const matches = (readSha: ReadSha, print: Fingerprint): boolean => readSha(print.from, print.to) === print.sha;
