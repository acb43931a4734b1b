import { createHash } from 'node:crypto';
import { z } from 'zod';
import { count } from '../domain/fields.ts';

/** Bytes hashed at each end of the part already read, to recognise a file's content. */
export const FINGERPRINT_BYTES = 1024;

/** Hash of the bytes `[from, to)` of a file. */
export const fingerprint = z.object({ from: count, to: count, sha: z.string() });
export type Fingerprint = z.infer<typeof fingerprint>;

export const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22);

export const EMPTY_FINGERPRINT: Fingerprint = { from: 0, to: 0, sha: shaOf(Buffer.alloc(0)) };

/** The hash of the bytes `[from, to)` of a file, null when it is shorter. */
export type ReadSha = (from: number, to: number) => string | null;

export const matches = (readSha: ReadSha, print: Fingerprint): boolean => readSha(print.from, print.to) === print.sha;
