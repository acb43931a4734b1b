import { expect, test } from 'vitest';
import type { Survived } from '../../prove/disasters/run.ts';
import { disastersText } from './disasters.ts';

const exact: Survived = {
  what: 'publisher-frozen',
  noticed_seconds: null,
  said: null,
  command: null,
  exact: true,
  verdict: 'exact',
  wrong: null,
  seconds: 30,
  skipped: null,
};

test('what was skipped is not shown as passed, and what is wrong is named', () => {
  const mended: Survived = {
    ...exact,
    what: 'a',
    noticed_seconds: 4,
    command: './clickledger restore',
    verdict: 'mended',
  };
  const silent: Survived = { ...exact, what: 'b', exact: false, verdict: 'silent', wrong: 'click API: 3 lost' };
  const skipped: Survived = { ...exact, what: 'c', exact: null, verdict: null, skipped: 'no means' };
  const text = disastersText([exact, mended, silent, skipped]);
  const rows = text.split('\n').map((line) => line.trim().split(/ {3,}/));
  expect(rows.slice(1, 5)).toEqual([
    ['publisher-frozen', '-', 'exact', '-'],
    ['a', '4 s', 'exact by the command that was named', './clickledger restore'],
    ['b', '-', 'FAILED: wrong, and nothing was said', '-'],
    ['c', '-', 'skipped: no means', '-'],
  ]);
  expect(text).toMatch(/wrong after b: click API: 3 lost$/);
});
