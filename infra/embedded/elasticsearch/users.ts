import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface User {
  name: string;
  password: string;
  /** A role in roles.yml. */
  role: string;
}

// Parameters of Elasticsearch's hasher `pbkdf2`; it accepts only certain numbers of rounds.
const ROUNDS = 10_000;
const BYTES = 32;

/** Writes the files from which Elasticsearch reads its users: `users` and `users_roles`. */
export function writeUsers(configFolder: string, users: User[]): void {
  write(
    configFolder,
    'users',
    users.map(({ name, password }) => `${name}:${hashOf(password)}`),
  );
  write(
    configFolder,
    'users_roles',
    users.map(({ name, role }) => `${role}:${name}`),
  );
}

const write = (folder: string, name: string, lines: string[]): void =>
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`, { mode: 0o600 });

/** Elasticsearch's format: `{PBKDF2}<rounds>$<salt>$<hash>`. */
export function hashOf(password: string, salt = randomBytes(BYTES)): string {
  const hash = pbkdf2Sync(password, salt, ROUNDS, BYTES, 'sha512');
  return `{PBKDF2}${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
