import { expect, test } from 'vitest';
import { type Finality, worstOf } from './receipt.ts';

test.each<[Finality[], Finality]>([
  [['final', 'final'], 'final'],
  [['final', 'restated'], 'restated'],
  [['restated', 'provisional', 'final'], 'provisional'],
  [['provisional', 'not_run', 'final'], 'not_run'],
])('%j together are %s', (finalities, worst) => {
  expect(worstOf(finalities)).toBe(worst);
  expect(worstOf(finalities.toReversed())).toBe(worst);
});
