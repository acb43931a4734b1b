import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { fileRegister } from './file_register.ts';
import { reportFinding, settleFinding } from './findings.ts';
import { countFindings } from './findings_metric.ts';
import type { Register } from './register.ts';

const found = (code: string) => ({
  code,
  what: 'something',
  mend: 'run this',
  range: null,
  found_at: '2026-01-01T00:00:00.000Z',
});
const findingsIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('clickledger_findings{'))
    .sort();

test('findings are counted by code until they are settled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'findings-metric-'));
  try {
    const [register, metrics] = [fileRegister(folder), new Registry()];
    countFindings(register, metrics);
    expect(findingsIn(await metrics.metrics())).toEqual([]);
    await reportFinding(register, 'clicks-0', found('offsets_went_back'));
    await reportFinding(register, 'clicks-1', found('offsets_went_back'));
    await reportFinding(register, 'clock', found('clock_skew'));
    expect(findingsIn(await metrics.metrics())).toEqual([
      'clickledger_findings{code="clock_skew"} 1',
      'clickledger_findings{code="offsets_went_back"} 2',
    ]);
    await settleFinding(register, 'clicks-0', 'by a replay');
    await settleFinding(register, 'clock', 'it is right again');
    expect(findingsIn(await metrics.metrics())).toEqual(['clickledger_findings{code="offsets_went_back"} 1']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a register that does not answer counts as a finding', async () => {
  const refused = () => Promise.reject(new Error('away'));
  const register: Register = { create: refused, read: refused, list: refused };
  const metrics = new Registry();
  countFindings(register, metrics);
  expect(findingsIn(await metrics.metrics())).toEqual(['clickledger_findings{code="register_unreadable"} 1']);
});
