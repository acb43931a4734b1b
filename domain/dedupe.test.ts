import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DedupeMemory, HashSet } from './dedupe.ts';

const WINDOW_MS = 8_000;

describe('DedupeMemory', () => {
  test.each([
    { apartMs: 0, admitted: false },
    { apartMs: 999, admitted: false },
    { apartMs: WINDOW_MS, admitted: false },
    { apartMs: WINDOW_MS + 1_000, admitted: true },
    { apartMs: 10 * WINDOW_MS, admitted: true },
  ])('a copy $apartMs ms after its click is admitted: $admitted', ({ apartMs, admitted }) => {
    const memory = new DedupeMemory(WINDOW_MS);
    expect(memory.admitHalves(7, 9, 1_000_000)).toBe(true);
    expect(memory.admitHalves(7, 9, 1_000_000 + apartMs)).toBe(admitted);
  });

  test('what it holds does not grow beyond the window', () => {
    const memory = new DedupeMemory(WINDOW_MS);
    for (let i = 0; i < 100_000; i++) memory.admitHalves(i, i + 1, i * 10);
    expect(memory.size).toBeLessThanOrEqual((WINDOW_MS + 2_000) / 10);
  });

  test('rebuilt from the admitted rows at any point, it decides as the lost one would have', () => {
    const arrivals = fc.array(fc.record({ id: fc.nat(20), gapMs: fc.nat(3_000) }), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, fc.nat(200), (events, crashAt) => {
        let memory = new DedupeMemory(WINDOW_MS);
        const steady = new DedupeMemory(WINDOW_MS);
        const stored: { id: number; atMs: number }[] = [];
        let atMs = 1_000_000;
        for (const [index, { id, gapMs }] of events.entries()) {
          atMs += gapMs;
          if (index === crashAt) {
            memory = new DedupeMemory(WINDOW_MS);
            for (const row of stored) memory.admitHalves(row.id, 0, row.atMs);
          }
          const admitted = memory.admitHalves(id, 0, atMs);
          expect(admitted).toBe(steady.admitHalves(id, 0, atMs));
          if (admitted) stored.push({ id, atMs });
        }
      }),
    );
  });
});

test('HashSet holds exactly what was added, the hash of two zeros too', () => {
  const pair = fc.tuple(fc.constantFrom(0, 1, 2, 1024, 0xffffffff), fc.constantFrom(0, 1, 5, 0xffffffff));
  fc.assert(
    fc.property(fc.array(fc.oneof(pair, fc.tuple(fc.nat(5_000), fc.nat(3))), { maxLength: 3_000 }), (pairs) => {
      const set = new HashSet();
      const model = new Set<string>();
      for (const [low, high] of pairs) {
        const key = low === 0 && high === 0 ? '0,1' : `${low},${high}`;
        expect(set.has(low, high)).toBe(model.has(key));
        set.add(low, high);
        model.add(key);
      }
      expect(set.size).toBe(model.size);
    }),
    { numRuns: 30 },
  );
});
