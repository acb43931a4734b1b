import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { conservationMetric } from './conservation_metric.ts';
import { Tally } from './rule.ts';

const of = (tally: Tally, rule: string) => ({ event: 'click' as const, ...tally.rule(rule, 'look') });
const name = 'clickledger_conservation_broken_places';

test('each rule has a sample, and one that was not looked at has none', async () => {
  const metrics = new Registry();
  const show = conservationMetric(metrics);
  show([of(new Tally().add('a', 1, 1), 'x = y'), of(new Tally().add('a', 1, 2).add('b', 2, 1), 'y = z')]);
  const first = await metrics.metrics();
  expect(first).toContain(`${name}{event="click",rule="x = y"} 0`);
  expect(first).toContain(`${name}{event="click",rule="y = z"} 2`);
  show([of(new Tally().add('a', 1, 1), 'x = y')]);
  expect(await metrics.metrics()).not.toContain('y = z');
});
