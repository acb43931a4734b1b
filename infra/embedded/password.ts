import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readIfThere } from '../files.ts';

/** The user name of our roles and commands on an embedded engine. */
export const APPLICATION_USER = 'clickledger';
/** The user name for read-only access by people. */
export const ANALYST = 'analyst';

/** All of them ask the platform for a password. */
export const SECURED = ['kafka', 'clickhouse', 'elasticsearch', 'hive'] as const;
export type Secured = (typeof SECURED)[number];

export const applicationPasswordFile = (dataDir: string, engine: Secured): string =>
  join(dataDir, 'engines', engine, 'password');

export const analystsFolder = (dataDir: string): string => join(dataDir, 'analysts');

export const analystPasswordFile = (dataDir: string, engine: 'kafka' | 'elasticsearch'): string =>
  join(analystsFolder(dataDir), engine);

/** The password in this file; generated once. The name appears with the password in it: an empty one would be anybody's. */
export function ensurePassword(path: string): string {
  const known = readIfThere(path)?.trim();
  if (known) return known;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  // What an earlier version left that was killed meanwhile.
  if (known === '') rmSync(path);
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
  return readFileSync(path, 'utf8').trim();
}
