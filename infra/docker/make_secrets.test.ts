import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { sha256Hex } from '../hash.ts';

const SCRIPT = fileURLToPath(new URL('make-secrets.sh', import.meta.url));
const ROLES_USER = 1000;
const mayGiveAway = [0, ROLES_USER].includes(process.getuid?.() ?? -1);

test.runIf(mayGiveAway)('secrets are made once, closed to others, and the API takes the token', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'clickledger-secrets-')), 'secrets');
  const made = (): Record<string, string> => {
    execFileSync(SCRIPT, [folder]);
    return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  };
  const first = made();
  expect(made()).toEqual(first);
  expect(Object.keys(first)).toEqual([
    'api_token',
    'api_tokens',
    'clickhouse_password',
    'elasticsearch_password',
    'grafana_password',
  ]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of ['api_tokens', 'clickhouse_password', 'elasticsearch_password']) {
    expect(statSync(join(folder, name))).toMatchObject({ uid: ROLES_USER, mode: 0o100400 });
  }
  const { api } = readConfig({ API_HOST: '0.0.0.0', API_TOKENS_FILE: join(folder, 'api_tokens') });
  expect(api.tokens).toEqual([{ name: 'ops', role: 'admin', sha256: sha256Hex(String(first.api_token).trim()) }]);
  rmSync(folder, { recursive: true });
});
