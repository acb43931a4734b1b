import { expect, test } from 'vitest';
import { fileEntry, manifestOf } from '../../test/support/manifests.ts';
import type { Manifest } from '../archive/files/manifest.ts';
import { archivedDays } from './chain.ts';

const DAYS = { from: '2021-01-05', to: '2021-01-07' };
const file = (day: string, rows: number) => fileEntry(day, { rows });
const ARRIVED = { arrived_from: Date.UTC(2021, 0, 5), arrived_to: Date.UTC(2021, 0, 5, 0, 5) };
const manifest = (partition: number, from: number, to: number, more: Partial<Manifest> = {}): Manifest =>
  manifestOf(partition, from, to, { ...ARRIVED, ...more });

test('adds up the days in the range, and names the months their clicks arrived in', () => {
  const files = [file('2021-01-04', 1), file('2021-01-05', 2), file('2021-01-06', 4), file('2021-01-07', 8)];
  const late = { arrived_from: Date.UTC(2021, 10, 30), arrived_to: Date.UTC(2022, 0, 1) };
  const found = archivedDays([manifest(0, 3, 18, { files }), manifest(1, 0, 15, { files, ...late })], DAYS);
  expect(found.rows).toBe(12);
  expect([...found.months].sort()).toEqual(['202101', '202111', '202112', '202201']);
  expect(found.begins).toEqual({ 'clicks-0': 3, 'clicks-1': 0 });
});

test('a range without clicks of the days adds no month', () => {
  const files = [file('2021-01-07', 8)];
  expect(archivedDays([manifest(0, 0, 8, { files })], DAYS)).toMatchObject({ rows: 0, months: new Set() });
});

test('a missing manifest between two is named', () => {
  const chain = [manifest(0, 0, 10), manifest(1, 0, 5), manifest(1, 7, 9)];
  expect(() => archivedDays(chain, DAYS)).toThrow('clicks-1 has no manifest of offsets 5 to 7');
});
