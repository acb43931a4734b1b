import { createHash } from 'node:crypto';

/** Half a SHA-256, one character per byte: with millions of entries, size matters. */
export const digest = (bytes: string | Buffer): string =>
  createHash('sha256').update(bytes).digest().toString('latin1', 0, 16);
