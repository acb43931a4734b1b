import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sha256Hex } from '../../infra/hash.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { DAYS, FIRST_MS, LAST_MS, plainCounts } from '../../test/support/api/world.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const tool = (name: string) => join(ROOT, 'node_modules', '.bin', name);
const PROGRAM = readFileSync(new URL('../../test/support/api/client_program.ts.txt', import.meta.url), 'utf8');

let world: World;
let api = '';
const dir = mkdtempSync(join(tmpdir(), 'clickledger-client-'));
beforeAll(async () => {
  world = await startWorld(inject('env'), 'client-test');
  api = await world.serve({ tokens: [{ name: 'ui', role: 'reader', sha256: sha256Hex('secret') }] });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
});
afterAll(async () => {
  await world.stop();
  rmSync(dir, { recursive: true });
});

test('a client that is generated from the description compiles and gets the promised answers', async () => {
  writeFileSync(join(dir, 'api.d.ts'), astToString(await openapiTS(new URL(`${api}/openapi.json`))));
  writeFileSync(join(dir, 'program.ts'), PROGRAM);
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  await run(tool('tsc'), [...options, '--types', 'node', 'program.ts'], { cwd: dir });

  const ad = `${world.prefix}/b ü`;
  const env = {
    ...process.env,
    API: api,
    TOKEN: 'secret',
    AD: ad,
    FROM: `${FIRST_MS}`,
    TO: `${LAST_MS}`,
    DAYS: Object.values(DAYS).join(','),
  };
  const { stdout } = await run(tool('tsx'), ['program.ts'], { cwd: dir, env });
  const { batch, realtime } = plainCounts(world.rows.filter(({ ad_id }) => ad_id === ad));
  const clicks = batch + realtime;
  expect(JSON.parse(stdout)).toEqual({
    count: clicks,
    series: clicks,
    sessions: clicks,
    popular: clicks,
    runs: 4,
    refused: 'urn:clickledger:problem:bad-parameter',
    status: 'number',
    forbidden: 403,
  });
});
