import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { DedupeMemory } from '../../domain/click/dedupe.ts';
import { encodeClick, encodeEvent } from '../../domain/click/wire.ts';
import { buildBlock } from './block.ts';
import { SinkMetrics } from './metrics.ts';

const ARRIVED = Date.UTC(2026, 0, 1);
const CLICK = { event_id: 'e', ad_id: 'ad', click_timestamp: ARRIVED, user_id: 'u', ip: '1.2.3.4', country: 'US' };

test('rejected messages are counted by reason, and reasons that never came are 0', async () => {
  const values = [
    encodeClick(CLICK),
    encodeEvent('impression', CLICK, new Map()),
    Buffer.from('junk'),
    Buffer.from('more junk'),
  ];
  const messages = values.map((value, offset) => {
    return { offset, arrivedMs: ARRIVED, bytes: value, start: 0, end: value.length, value };
  });
  const registry = new Registry();
  const metrics = new SinkMetrics(registry, () => ARRIVED);
  metrics.written(buildBlock(messages, { event: 'click', name: 'clicks-0' }, new DedupeMemory(1_000), () => 1n));
  const text = await registry.metrics();
  expect(text).toContain('clickledger_sink_messages_total{as="rejected"} 3\n');
  expect(text).toContain('clickledger_sink_rejected_total{reason="wrong_event"} 1\n');
  expect(text).toContain('clickledger_sink_rejected_total{reason="bad_message"} 2\n');
  expect(text).toContain('clickledger_sink_rejected_total{reason="bad_ip"} 0\n');
});
