import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readIfThere } from '../files.ts';

/** The user name of our roles and commands on an embedded engine. */
export const APPLICATION_USER = 'clickledger';
/** The user name for read-only access by people. */
export const ANALYST = 'analyst';

/** The engines that ask for a password. */
export const SECURED = ['clickhouse', 'elasticsearch'] as const;
type Secured = (typeof SECURED)[number];

export const applicationPasswordFile = (dataDir: string, engine: Secured): string =>
  join(dataDir, 'engines', engine, 'password');

export const analystPasswordFile = (dataDir: string, engine: Secured): string => join(dataDir, 'analysts', engine);

/** The password in this file; generated once. */
export function ensurePassword(path: string): string {
  const known = readIfThere(path);
  if (known !== null) return known.trim();
  const password = randomBytes(24).toString('base64url');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}
