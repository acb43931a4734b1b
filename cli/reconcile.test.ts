import { expect, it } from 'vitest';
import type { Reconciliation } from '../domain/reconciliation.ts';
import { reconciliationText } from './reconcile.ts';

const report: Reconciliation = {
  date: '2021-01-01',
  run: 2,
  reconciled_at: '2021-01-02T02:00:00.000Z',
  verdict: 'blocked',
  raw: 'kept',
  unexplained_limit: 0,
  realtime: 102,
  counted: 100,
  difference: 2,
  ad_minutes: 5,
  rules: [],
  late: 3,
  copies: 1,
  redriven: 1,
  unattributed: 0,
  collision: 2,
  lost: 1,
  surplus: 0,
  unexplained: 1,
  worst_ads: [
    {
      ad_id: 'ad001',
      realtime: 4,
      counted: 5,
      difference: -1,
      late: 0,
      copies: 0,
      redriven: 0,
      unattributed: 0,
      collision: 0,
      unexplained: -1,
    },
  ],
};

it('prints totals, reasons, the worst ads and the verdict', () => {
  const text = reconciliationText(report);
  expect(text).toContain('2021-01-01 run 2: 102 clicks in real time, 100 in the run: +2 in 5 ad minutes');
  expect(text).toMatch(/late +\+3 /);
  expect(text).toMatch(/lost +-1 /);
  expect(text).toMatch(/collision +-2 /);
  expect(text).toMatch(/ad001 +-1 .* -1$/m);
  expect(text).toMatch(/^verdict: blocked \(1 unexplained, RECONCILE_LIMIT 0\)$/m);
});

it('says if the difference cannot be explained', () => {
  expect(reconciliationText({ ...report, raw: 'gone', worst_ads: [] })).toContain('raw clicks are gone');
});
