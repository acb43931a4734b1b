import { expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { DedupeMemory } from '../../domain/click/dedupe.ts';
import { decodeEvent } from '../../domain/click/message.ts';
import { encodeClick, identityOf } from '../../domain/click/wire.ts';
import { collidingClicks } from '../../test/support/collision.ts';
import { buildBlock } from './block.ts';
import type { Message } from './waiting.ts';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const [one, other] = collidingClicks({
  event_id: 'collision',
  ad_id: 'ad001',
  click_timestamp: NOW,
  user_id: '',
  ip: '10.0.0.1',
  country: 'USA',
});

test('there are clicks that differ and have one hash, under every seed', async () => {
  const { h64Raw } = await xxhash();
  const [a, b] = [identityOf(encodeClick(one)), identityOf(encodeClick(other))];
  expect(a.equals(b)).toBe(false);
  expect(decodeEvent(encodeClick(other), 'click', NOW)).toMatchObject({ ok: true });
  for (const seed of [0n, 1n, 0x9e3779b185ebca87n, 2n ** 64n - 1n]) expect(h64Raw(a, seed)).toBe(h64Raw(b, seed));
});

test('real time takes the second of them for a copy: it is kept as one, and reconciliation finds it', async () => {
  const { h64Raw } = await xxhash();
  const messages = [one, other].map((click, offset): Message => {
    const value = encodeClick(click);
    return { offset, arrivedMs: NOW, value, bytes: value, start: 0, end: value.length } as unknown as Message;
  });
  const block = buildBlock(messages, { event: 'click', name: 'clicks-0' }, new DedupeMemory(600_000), h64Raw);
  expect([block.rows.count, block.copies.count]).toEqual([1, 1]);
});
