import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../infra/log.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { BoundaryAhead } from './boundary_ahead.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boundary-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = createLog('boundary-test');
log.level = 'silent';

function start() {
  const register = fileRegister(folder);
  const metrics = new Registry();
  const ahead = new BoundaryAhead({ event: 'click', register, metrics, log, nowMs: () => 0 });
  const findings = async () => (await openFindings(register)).map(({ what }) => what.split('; ')[1]);
  const takenBack = async () =>
    (await metrics.getSingleMetric('clickledger_publisher_boundary_taken_back_total')?.get())?.values[0]?.value;
  return { ahead, findings, takenBack };
}

test('a boundary that is taken back is a finding until its step is saved, and is counted', async () => {
  const { ahead, findings, takenBack } = start();
  await ahead.found(120_000, 60_000);
  expect(await findings()).toEqual([expect.stringMatching(/^the boundary is taken back to 1970-01-01T00:01:00.000Z/)]);
  await ahead.stepSaved();
  expect(await findings()).toEqual([]);
  expect(await takenBack()).toBe(1);
});

test('one that cannot be taken back is a finding for as long as it is ahead', async () => {
  const { ahead, findings, takenBack } = start();
  for (let step = 0; step < 3; step++) {
    await ahead.found(120_000, null);
    await ahead.stepSaved();
    expect(await findings()).toEqual([expect.stringMatching(/^the boundary stays there/)]);
  }
  expect(await takenBack()).toBe(0);
  await ahead.stepSaved();
  expect(await findings()).toEqual([]);
  await ahead.found(180_000, null);
  expect(await findings()).toHaveLength(1);
});

test('what a process reported that was killed is settled by the next one', async () => {
  await start().ahead.found(120_000, 60_000);
  const { ahead, findings } = start();
  expect(await findings()).toHaveLength(1);
  await ahead.stepSaved();
  expect(await findings()).toEqual([]);
});
