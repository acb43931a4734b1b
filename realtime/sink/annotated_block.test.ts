import { expect, test } from 'vitest';
import { encodeAnnotations } from '../../domain/click/annotations_wire.ts';
import { DedupeMemory } from '../../domain/click/dedupe.ts';
import { encodeClick, encodeEvent, identityOf } from '../../domain/click/wire.ts';
import { buildBlock } from './block.ts';
import type { Message } from './waiting.ts';

const ARRIVED = Date.UTC(2026, 0, 1);

/** As consumers get it: its value is a range of a larger buffer. */
function messageOf(value: Buffer, offset: number): Message {
  const bytes = Buffer.concat([Buffer.from('before'), value, Buffer.from('behind')]);
  return { offset, arrivedMs: ARRIVED, bytes, start: 6, end: 6 + value.length, value };
}

const hash = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`) & 0xffffffffffffffffn;

test.each([
  ['on the fast path', 'user', 'Mozilla'],
  ['with fields that need the slow path', 'usér', 'Mozilla'],
  ['with annotations that need the slow path', 'user', '広告'],
])('a click is the same click whatever its annotations are: %s', (_, user_id, ua) => {
  const click = { event_id: 'e', ad_id: 'ad', click_timestamp: ARRIVED, user_id, ip: '1.2.3.4', country: 'US' };
  const values = [
    encodeEvent('click', click, new Map([['ua', ua]])),
    encodeClick(click),
    encodeEvent('click', click, new Map([['ua', `${ua} 2`]])),
    encodeEvent('impression', click, new Map()),
  ];
  const block = buildBlock(values.map(messageOf), { event: 'click', name: 'clicks-0' }, new DedupeMemory(1_000), hash);
  expect([block.rows.count, block.copies.count]).toEqual([1, 2]);
  const identity = identityOf(encodeClick(click));
  expect(block.rows.bytes.subarray(0, identity.length)).toEqual(identity);
  expect(block.rows.bytes.subarray(identity.length + 8, identity.length + 17).toString()).toBe('\bclicks-0');
  // Each row has its own, behind the place and the offset.
  const behind = identity.length + 8 + 9 + 8;
  const [first, second] = [ua, `${ua} 2`].map((of) => encodeAnnotations(new Map([['ua', of]])));
  expect(block.rows.bytes.subarray(behind)).toEqual(first);
  expect(block.copies.bytes.subarray(behind, behind + 1)).toEqual(Buffer.of(0));
  expect(block.copies.bytes.subarray(2 * behind + 1)).toEqual(second);
  expect(block.rejected.map(({ reason }) => reason)).toEqual(['wrong_event']);
});
