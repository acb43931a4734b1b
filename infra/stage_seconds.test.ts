import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { stageSeconds } from './stage_seconds.ts';

test('a block is noted by the time since its last message was appended; a clock behind does not make it negative', async () => {
  const metrics = new Registry();
  const counted = stageSeconds(metrics, 'counted', () => 10_000);
  counted(9_700);
  counted(4_000);
  counted(10_500);
  const text = await metrics.metrics();
  expect(text).toContain('clickledger_stage_seconds_bucket{le="0.1",stage="counted"} 1');
  expect(text).toContain('clickledger_stage_seconds_bucket{le="0.5",stage="counted"} 2');
  expect(text).toContain('clickledger_stage_seconds_sum{stage="counted"} 6.3');
  expect(text).toContain('clickledger_stage_seconds_count{stage="counted"} 3');
});
