import { expect, test } from 'vitest';
import { EVENT_KINDS } from '../../domain/event_kinds.ts';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { firstRunMs, recordedKinds, recordKinds, whyOtherKinds } from './event_kinds.ts';

test('the kinds that are run are on record, and since when each is', async () => {
  const register = memoryRegister();
  expect([await recordedKinds(register), await firstRunMs(register, 'click')]).toEqual([null, null]);
  expect(await whyOtherKinds(register, ['click', 'impression'])).toBe(null);
  await recordKinds(register, ['click'], 1_000);
  await recordKinds(register, ['click'], 2_000);
  await recordKinds(register, ['click', 'impression'], 3_000);
  await recordKinds(register, ['click'], 4_000);
  expect(await recordedKinds(register)).toEqual(['click']);
  const first = ['click', 'impression', 'conversion'] as const;
  expect(await Promise.all(first.map((kind) => firstRunMs(register, kind)))).toEqual([null, 3_000, null]);
});

test('a kind that was run when the platform was new has no time before it', async () => {
  const register = memoryRegister();
  await recordKinds(register, ['click', 'impression'], 1_000, true);
  await recordKinds(register, ['click', 'impression', 'conversion'], 2_000);
  expect(await Promise.all(EVENT_KINDS.map((kind) => firstRunMs(register, kind)))).toEqual([null, null, 2_000]);
});

test('a role that is set otherwise is told so', async () => {
  const register = memoryRegister();
  await recordKinds(register, ['click', 'impression'], 0);
  expect(await whyOtherKinds(register, ['click', 'impression'])).toBe(null);
  for (const other of [['click'], ['click', 'conversion'], ['click', 'impression', 'conversion']] as const) {
    expect(await whyOtherKinds(register, other)).toMatch(/^EVENT_KINDS: .* on record is click,impression: /);
  }
});
