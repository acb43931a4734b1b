import { expect, test } from 'vitest';
import type { Receipt } from '../../../domain/receipt.ts';
import { HOUR_MS, iso } from '../../../domain/time.ts';
import type { Finding } from '../../../infra/register/findings.ts';
import type { Register } from '../../../infra/register/register.ts';
import type { Stores } from '../stores/engines.ts';
import { createFindingsReader, kindWarnings, warningsOf, withWarnings } from './warnings.ts';

const T = Date.parse('2026-01-01T00:00:00.000Z');
const RANGE = { fromMs: T, toMs: T + HOUR_MS };

const found = (fromMs: number | null, toMs: number | null, more: Partial<Finding> = {}): Finding => ({
  code: 'offsets_went_back',
  what: 'clicks are missing',
  mend: 'run this',
  range: fromMs === null || toMs === null ? null : { from: iso(fromMs), to: iso(toMs) },
  found_at: iso(T),
  ...more,
});

test.each<[string, Finding, boolean]>([
  ['of any clicks', found(null, null), true],
  ['of the same range', found(T, T + HOUR_MS), true],
  ['that ends within it', found(T - HOUR_MS, T + 1), true],
  ['that begins within it', found(T + HOUR_MS - 1, T + 2 * HOUR_MS), true],
  ['around it', found(T - 1, T + HOUR_MS + 1), true],
  ['that ends where it begins', found(T - HOUR_MS, T), false],
  ['that begins where it ends', found(T + HOUR_MS, T + 2 * HOUR_MS), false],
  ['that concerns operators only', found(null, null, { is_operational: true }), false],
])('a finding %s: in the receipt %#', (_, finding, isSaid) => {
  const said = warningsOf([finding], RANGE);
  expect(said).toHaveLength(isSaid ? 1 : 0);
  if (isSaid) {
    const { from = null, to = null } = finding.range ?? {};
    expect(said[0]).toEqual({ warning: 'offsets_went_back', means: 'clicks are missing', from, to });
  }
});

test('a receipt without warnings has no such field', async () => {
  const answer = { count: 1, receipt: { status: 'final' } as Receipt };
  const stores = { event: 'click', firstRunMs: null } as Stores;
  expect(await withWarnings(answer, RANGE, { stores, readFindings: async () => [] })).toBe(answer);
  const warned = await withWarnings(answer, RANGE, { stores, readFindings: async () => [found(null, null)] });
  expect(warned.receipt.warnings).toHaveLength(1);
});

test('a kind that was first run in the range is said, for the days before and for the rest of its first day', () => {
  const range = { fromMs: Date.UTC(2026, 0, 8), toMs: Date.UTC(2026, 0, 12) };
  const firstRunMs = Date.UTC(2026, 0, 10, 15);
  const said = kindWarnings({ event: 'impression', firstRunMs }, range);
  expect(said.map(({ warning, from, to }) => [warning, from, to])).toEqual([
    ['not_run', iso(range.fromMs), '2026-01-10T00:00:00.000Z'],
    ['not_run_all_day', '2026-01-10T00:00:00.000Z', iso(firstRunMs)],
  ]);
  for (const { means } of said) expect(means).toMatch(/^impressions were first run at 2026-01-10T15/);
});

test('a register that does not answer is a warning itself, and no error', async () => {
  const refused = () => Promise.reject(new Error('away'));
  const register: Register = { create: refused, read: refused, list: refused };
  const said = warningsOf(await createFindingsReader(register)(), RANGE);
  expect(said.map(({ warning }) => warning)).toEqual(['register_unreadable']);
});
