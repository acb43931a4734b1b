import { expect, test } from 'vitest';
import { z } from 'zod';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { registerOf } from './kind_register.ts';

test('each kind has a ledger, run numbers and locks of its own, and shares the rest', async () => {
  const register = memoryRegister();
  const [clicks, impressions] = [registerOf(register, 'click'), registerOf(register, 'impression')];
  for (const key of ['ledger/2026-01-01/1', 'runs/2026-01-01/1', 'locks/2026-01-01/1']) {
    expect(await clicks.create(key, 'click')).toBe('made');
    expect(await impressions.create(key, 'impression')).toBe('made');
    expect(await impressions.create(key, 'impression')).toBe('taken');
    for (const kind of ['click', 'impression'] as const) {
      expect(await registerOf(register, kind).read(z.string(), key)).toBe(kind);
      expect(await registerOf(register, kind).list(`${key.split('/')[0]}/`)).toEqual([key]);
    }
    expect(await registerOf(register, 'conversion').list(`${key.split('/')[0]}/`)).toEqual([]);
  }
  await clicks.create('filters/7/1', 'of all');
  expect(await impressions.read(z.string(), 'filters/7/1')).toBe('of all');
});
