import { createHash } from 'node:crypto';

/** Half a SHA-256, a byte a character: among millions of entries it is the size that counts. */
export const digest = (bytes: string | Buffer): string =>
  createHash('sha256').update(bytes).digest().toString('latin1', 0, 16);
