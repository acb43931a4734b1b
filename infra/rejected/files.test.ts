import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropRejected, type RejectedMessage, readRejectedFile, rejectedManifests, writeRejected } from './files.ts';

let archiveDir: string;
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'clickledger-rejected-'));
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

const at = (
  time: string,
  offset: number,
  value: Buffer | null = Buffer.from(`line ${offset} \n ß`),
): RejectedMessage => ({
  offset,
  timeMs: Date.parse(time),
  key: offset % 2 === 0 ? Buffer.from(`key ${offset}`) : null,
  value,
});
const range = (from: number, to: number, topic = 'rejected', generation = 0) => ({
  topic,
  partition: 0,
  generation,
  from,
  to,
  last: null,
});
const messagesOf = async (files: Parameters<typeof readRejectedFile>[1][]): Promise<RejectedMessage[]> =>
  (await Promise.all(files.map((file) => readRejectedFile(archiveDir, file)))).flat();
const offsetsIn = async (topic = 'rejected'): Promise<number[]> => {
  const messages = await messagesOf(rejectedManifests(archiveDir, topic).flatMap(({ files }) => files));
  return messages.map(({ offset }) => offset);
};

test('messages are read as they were written, by day and in the order of their offsets', async () => {
  const messages = [
    at('2026-01-01T23:59:59.999Z', 0),
    at('2026-01-02', 1),
    at('2026-01-02', 2, null),
    at('2026-01-02', 3, Buffer.from([0, 255, 10])),
  ];
  const { files } = writeRejected(archiveDir, range(0, 4), messages);
  expect(files.map(({ day, rows }) => [day, rows])).toEqual([
    ['2026-01-01', 1],
    ['2026-01-02', 3],
  ]);
  expect(await messagesOf(files)).toEqual(messages);
});

test('ranges are in order, of one topic, and a range is written once', async () => {
  for (const from of [900, 1_000, 90]) writeRejected(archiveDir, range(from, from + 1), [at('2026-01-01', from)]);
  writeRejected(archiveDir, range(5, 6, 'rejected', 1), [at('2026-01-01', 5)]);
  writeRejected(archiveDir, range(0, 1, 'other'), [at('2026-01-01', 0)]);
  expect(await offsetsIn()).toEqual([90, 900, 1_000, 5]);
  expect(await offsetsIn('other')).toEqual([0]);
  expect(() => writeRejected(archiveDir, range(90, 92), [])).toThrow('another process');
});

test('what is gone is what the record says, whatever a setting says later', async () => {
  for (const [offset, day] of ['2025-01-01', '2025-01-02', '2025-01-03'].entries()) {
    writeRejected(archiveDir, range(offset, offset + 1), [at(day, offset)]);
  }
  expect(dropRejected(archiveDir, '2025-01-02')).toEqual(['2025-01-01']);
  expect(await offsetsIn()).toEqual([1, 2]);
  expect(dropRejected(archiveDir, '2024-01-01')).toEqual([]);
  expect(await offsetsIn()).toEqual([1, 2]);
});

test.each([
  ['missing', (path: string) => rmSync(path), 'is missing'],
  ['changed', (path: string) => writeFileSync(path, 'x'), 'is not what was written'],
])('a %s file is an error, never fewer lines', async (_, harm, message) => {
  writeRejected(archiveDir, range(0, 1), [at('2026-01-01', 0)]);
  const folder = join(archiveDir, 'rejected', 'dt=2026-01-01');
  for (const name of readdirSync(folder)) harm(join(folder, name));
  await expect(offsetsIn()).rejects.toThrow(message);
});
