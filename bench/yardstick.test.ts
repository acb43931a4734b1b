import { expect, test } from 'vitest';
import { fixedWork, yardstick, yardstickLine } from './yardstick.ts';

test('the work is the same on every host', () =>
  expect([fixedWork(1), fixedWork(2)]).toEqual([2145946476, 4291776290]));

test('says how long work and hand-overs take', async () => {
  const measured = await yardstick();
  expect(measured.work_cpu_seconds).toBeGreaterThan(0.01);
  expect(measured.ping_pong_us).toBeGreaterThan(0);
  expect(yardstickLine(measured)).toMatch(/one thread [\d.]+ s \(CPU [\d.]+ s\), .* ping-pong [\d.]+ µs$/);
});
