import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const APPLICATION_USER = 'clickledger';

/** The application's password for the server in this folder; made up once. */
export function ensurePassword(folder: string): string {
  const path = join(folder, 'password');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    const password = randomBytes(24).toString('base64url');
    writeFileSync(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
    return password;
  }
}
