import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { iso } from '../../domain/time.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { bearer, get } from '../../test/support/api/get.ts';
import { enginesOf, freePorts, type StartedRole, startRole } from '../../test/support/role.ts';
import { eventually } from '../../test/support/wait.ts';

/** A change of the file applies within five seconds. */
const SOON_MS = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-tokens-'));
const file = join(folder, 'tokens');
let api: StartedRole;
let url = '';

beforeAll(async () => {
  writeFileSync(file, `ops:admin:${sha256Hex('ops-secret')}`);
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  api = await startRole('api', {
    ...enginesOf(inject('env')),
    DATA_DIR: folder,
    API_PORT: String(port),
    API_TOKENS_FILE: file,
  });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

const ask = (token: string) => get(`${url}/v1/status`, bearer(token));
const status = async (token: string): Promise<number> => (await ask(token)).status;
const soon = (what: string, token: string, expected: number) =>
  eventually(what, async () => (await status(token)) === expected, SOON_MS, 100);

test('a token that is added is known within five seconds, and one that is taken out is not', async () => {
  expect([await status('ops-secret'), await status('ui-secret')]).toEqual([200, 401]);
  writeFileSync(file, `ops:admin:${sha256Hex('ops-secret')},ui:reader:${sha256Hex('ui-secret')}`);
  await soon('the added one is known', 'ui-secret', 200);
  writeFileSync(file, `ui:reader:${sha256Hex('ui-secret')},root:admin:${sha256Hex('root-secret')}`);
  await soon('the other is not', 'ops-secret', 401);
  expect(await status('ui-secret')).toBe(200);
});

test('while the file is malformed the tokens that were read last apply, which the log and a metric say', async () => {
  const refused = async () => (await get(`${url}/metrics`, bearer('root-secret'))).text;
  expect(await refused()).toMatch(/^clickledger_api_tokens_refused\{.*\} 0$/m);
  writeFileSync(file, `ui:reader:${sha256Hex('ui-secret')},root`);
  await eventually(
    'it is refused',
    async () => /^clickledger_api_tokens_refused\{.*\} 1$/m.test(await refused()),
    SOON_MS,
  );
  expect([await status('ui-secret'), await status('root')]).toEqual([200, 401]);
  const errors = api
    .log()
    .split('\n')
    .filter((line) => line.includes('"level":50') && line.includes('API_TOKENS_FILE'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('is malformed; expected name:reader|admin');
  expect(errors[0]).not.toContain(sha256Hex('ui-secret'));
});

test('a token that has expired gets 401, which says so, and its call is on record as a refused one', async () => {
  const expiresMs = Date.now() + 2 * SOON_MS;
  writeFileSync(file, `brief:admin:${sha256Hex('brief-secret')}@${iso(expiresMs)}`);
  await soon('it is known', 'brief-secret', 200);
  await eventually('it has expired', async () => (await status('brief-secret')) === 401);
  const { body } = await ask('brief-secret');
  expect(body.detail).toBe(`the token of brief has expired, at ${iso(expiresMs)}: ask for a new one`);
  expect(Date.now()).toBeGreaterThanOrEqual(expiresMs);
  const trace = await get(`${url}/v1/clicks/x`, bearer('brief-secret'));
  expect(trace.status).toBe(401);
  const [line] = await eventually('the line about it', async () => {
    const refused = auditLines('refused').filter(({ what }) => what === 'GET /v1/clicks/x');
    return refused.length > 0 && refused;
  });
  expect(line).toMatchObject({ who: 'brief', role: 'admin', outcome: 401 });
  expect(auditLines('api')).toEqual([]);
});

// biome-ignore lint/suspicious/noExplicitAny: lines are what is being checked
function auditLines(of: 'api' | 'refused'): any[] {
  const file = join(folder, 'audit', `${of}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}
