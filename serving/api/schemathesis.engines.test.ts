import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sha256Hex } from '../../infra/hash.ts';
import { get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';

/** Path of the program, if there is one: `npm run schemathesis` installs it. */
const PROGRAM = process.env.SCHEMATHESIS;
const LIMIT_MS = 600_000;

let world: World;
let open = '';
let before: number[] = [];
beforeAll(async () => {
  if (!PROGRAM) return;
  world = await startWorld(inject('env'), 'schemathesis-test');
  open = await world.serve();
  before = await filterIds();
});
afterAll(async () => {
  if (PROGRAM) {
    await deleteFilters();
    await world.stop();
  }
});

/** Otherwise its filters would be counted for the rest of the platform's life. */
async function deleteFilters(): Promise<void> {
  for (const id of await filterIds()) {
    if (!before.includes(id)) await get(`${open}/v1/filters/${id}`, { method: 'DELETE' });
  }
}
const filterIds = async (): Promise<number[]> =>
  (await get(`${open}/v1/filters`)).body.filters.map(({ id }: { id: number }) => id);

const OPTIONS = [
  '--phases',
  'examples,coverage,fuzzing',
  '--max-examples',
  process.env.SCHEMATHESIS_EXAMPLES ?? '30',
  '--seed',
  '1',
  '--continue-on-failure',
  '--no-color',
  // Valid values of a parameter depend on others (from and to, size and hop, days and filters): a request may be
  // refused although each parameter is valid by itself.
  '--exclude-checks',
  'positive_data_acceptance',
  // Slow raw scans on a busy machine are not a finding here.
  '--request-timeout',
  '30',
  '--suppress-health-check',
  'all',
  // The nightly role of this platform would carry it out, beside the tests of re-drives.
  '--exclude-path',
  '/v1/rejected/redrive',
];

test.skipIf(!PROGRAM)(
  'schemathesis finds no answer that the description does not promise',
  async () => {
    const tokens = [{ name: 'fuzz', role: 'admin' as const, sha256: sha256Hex('secret') }];
    // Requests for runs are refused, since their days have not ended: nothing is counted for them.
    const api = await world.serve({ tokens, now: () => Date.UTC(2000, 0, 1) });
    const args = ['run', `${api}/openapi.json`, '-H', 'Authorization: Bearer secret', ...OPTIONS];
    const dir = mkdtempSync(join(tmpdir(), 'clickledger-schemathesis-'));
    const program = execFile(PROGRAM ?? '', args, { cwd: dir, maxBuffer: 1e8 });
    const log = process.env.SCHEMATHESIS_LOG;
    if (log) program.stdout?.pipe(createWriteStream(log));
    let output = '';
    program.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise((resolve) => program.once('close', resolve));
    rmSync(dir, { recursive: true });
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  },
  LIMIT_MS,
);
