import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chainEnd, createManifest, type Manifest, manifestsOf, paddedOffset } from './manifest.ts';

const MANIFEST: Manifest = {
  topic: 'clicks',
  partition: 0,
  from: 0,
  to: 3,
  rows: 2,
  rejected: 1,
  arrived_from: 1,
  arrived_to: 2,
  files: [
    {
      day: '2021-01-01',
      path: 'clicks/dt=2021-01-01/a.parquet',
      aside: 'aside/a.parquet',
      rows: 2,
      bytes: 10,
      sha256: 'abc',
      min_topic_offset: 0,
      max_topic_offset: 2,
    },
  ],
};

let archiveDir: string;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'manifests-'));
  expect(createManifest(archiveDir, MANIFEST)).toBe(true);
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

const [file] = MANIFEST.files;

test('a manifest is read as it was written', () => {
  expect([...manifestsOf(archiveDir)]).toEqual([MANIFEST]);
  expect(chainEnd(archiveDir, 'clicks', 0)).toBe(3);
});

test.each<[string, unknown, string]>([
  ['no end', { ...MANIFEST, to: undefined }, 'to: '],
  ['an end that is a text', { ...MANIFEST, to: '3' }, 'to: '],
  ['files that are no list', { ...MANIFEST, files: {} }, 'files: '],
  ['a file without rows', { ...MANIFEST, files: [{ ...file, rows: undefined }] }, 'files.0.rows: '],
  ['a file of no day', { ...MANIFEST, files: [{ ...file, day: '2021-1-1' }] }, 'files.0.day: '],
])('a manifest with %s is refused, and named', (_, content, expected) => {
  const path = join(archiveDir, 'manifests', 'clicks-0', `${paddedOffset(0)}.json`);
  writeFileSync(path, JSON.stringify(content));
  expect(() => chainEnd(archiveDir, 'clicks', 0)).toThrow(`${path}: ${expected}`);
  expect(() => [...manifestsOf(archiveDir)]).toThrow(`${path}: ${expected}`);
});
