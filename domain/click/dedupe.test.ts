import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DedupeMemory } from './dedupe.ts';

const WINDOW_MS = 8_000;

describe('DedupeMemory', () => {
  test.each([
    { apartMs: 0, admitted: false },
    { apartMs: 999, admitted: false },
    { apartMs: WINDOW_MS, admitted: false },
    { apartMs: WINDOW_MS + 1_000, admitted: true },
    { apartMs: 10 * WINDOW_MS, admitted: true },
  ])('a duplicate $apartMs ms after its click is admitted: $admitted', ({ apartMs, admitted }) => {
    const memory = new DedupeMemory(WINDOW_MS);
    expect(memory.admitHalves(7, 9, 1_000_000)).toBe(true);
    expect(memory.admitHalves(7, 9, 1_000_000 + apartMs)).toBe(admitted);
  });

  test('neither its entries nor its memory grow beyond the window', () => {
    const memory = new DedupeMemory(WINDOW_MS);
    const perMs = 20;
    for (let i = 0; i < 1_000_000; i++) memory.admitHalves(Math.imul(i, 0x85ebca6b) >>> 0, i, i / perMs);
    const most = (WINDOW_MS + 1_000) * perMs;
    expect(memory.size).toBeGreaterThanOrEqual(WINDOW_MS * perMs);
    expect(memory.size).toBeLessThanOrEqual(most);
    expect(memory.places).toBeLessThanOrEqual(1.6 * most);
  });

  test('hashes that differ in one bit are two clicks', () => {
    const half = fc.nat(2 ** 32 - 1);
    const hashes = fc.record({ low: half, high: half, bit: fc.nat(31) });
    fc.assert(
      fc.property(hashes, ({ low, high, bit }) => {
        const memory = new DedupeMemory(WINDOW_MS);
        const flip = (word: number): number => (word ^ (1 << bit)) >>> 0;
        const said = [
          [low, high],
          [flip(low), high],
          [low, flip(high)],
          [low, high],
        ].map(([a, b]) => memory.admitHalves(Number(a), Number(b), 0));
        expect(said).toEqual([true, true, true, false]);
      }),
    );
  });

  test('decides like a list of everything admitted, for any hashes, also when the clock is set back', () => {
    const half = fc.constantFrom(0, 1, 2, 1024, 0x7fffffff, 0xffffffff);
    const event = fc.record({ low: half, high: half, gapMs: fc.integer({ min: -1_500, max: 3_000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        const memory = new DedupeMemory(WINDOW_MS);
        const admitted = new Map<string, number>();
        let atMs = 1_000_000;
        let latest = 0;
        for (const { low, high, gapMs } of events) {
          atMs += gapMs;
          const slice = Math.max(latest, Math.floor(atMs / 1_000));
          const before = admitted.get(`${low},${high}`) ?? Number.NEGATIVE_INFINITY;
          const isCopy = before >= slice - 8;
          expect(memory.admitHalves(low, high, atMs)).toBe(!isCopy);
          if (isCopy) continue;
          admitted.set(`${low},${high}`, slice);
          latest = slice;
        }
      }),
    );
  });

  test('holds exactly what was admitted, at any size', () => {
    const memory = new DedupeMemory(WINDOW_MS);
    const hashes = Array.from({ length: 50_000 }, (_, n) => [Math.imul(n, 0x85ebca6b) >>> 0, n % 7] as const);
    for (const [low, high] of hashes) expect(memory.admitHalves(low, high, 0)).toBe(true);
    for (const [low, high] of hashes) expect(memory.admitHalves(low, high, WINDOW_MS - 1)).toBe(false);
    expect(memory.size).toBe(50_000);
  });

  test('rebuilt from the admitted rows at any point, it decides as the lost one would have', () => {
    const arrival = fc.record({ id: fc.nat(20), gapMs: fc.integer({ min: -2_000, max: 3_000 }) });
    const arrivals = fc.array(arrival, { maxLength: 200 });
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
