import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../setup/find_program.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const units = readdirSync(folder).filter((name) => /\.(service|target)$/.test(name));
const ANALYZE = findProgram('systemd-analyze', process.env);

// A machine without systemd has nothing to check them with.
describe.skipIf(ANALYZE === undefined)('systemd', () => {
  const aside = mkdtempSync(join(tmpdir(), 'clickledger-units-'));
  beforeAll(() => {
    // An instance of the template, as it would be started.
    for (const name of units) copyFileSync(join(folder, name), join(aside, name.replace('@', '@ingest')));
  });
  afterAll(() => rmSync(aside, { recursive: true, force: true }));

  test.each(units)('has nothing to say about %s', (name) => {
    const checked = spawnSync(String(ANALYZE), ['verify', '--man=no', join(aside, name.replace('@', '@ingest'))], {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${aside}:` },
    });
    const said = checked.stderr.split('\n').filter((line) => line.includes('clickledger'));
    expect(said).toEqual([]);
  });
});

test('no role runs as root or may gain rights, and each has the time it needs to stop', () => {
  expect(units).toEqual(['clickledger.service', 'clickledger.target', 'clickledger@.service']);
  for (const name of units.filter((unit) => unit.endsWith('.service'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const line of ['User=clickledger', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=']) {
      expect(text.split('\n')).toContain(line);
    }
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(30);
  }
});
