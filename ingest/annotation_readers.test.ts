import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventKind } from '../domain/event_kinds.ts';
import { fileRegister } from '../infra/register/file_register.ts';
import { highestFormat, recordFormat } from '../infra/register/formats.ts';
import { AnnotationReaders, areRead } from './annotation_readers.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annotation-readers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each<[EventKind, number[] | null, boolean, boolean]>([
  ['click', [2, 2], false, true],
  ['click', [2, 1, 2], false, false],
  ['impression', [4, 4], false, true],
  ['impression', [4, 2], false, false],
  ['conversion', [7, 6], false, true],
  // A release that started before it was on record.
  ['click', [1, 2], true, false],
  // A group without members, or that changes.
  ['click', null, false, false],
  ['click', null, true, true],
])('of a %s whose readers read up to %j, on record: %s', (kind, versions, isOnRecord, expected) => {
  expect(areRead(kind, versions, isOnRecord)).toBe(expected);
});

const open = (versions: Partial<Record<EventKind, number[] | Error>>) =>
  AnnotationReaders.open({
    register: fileRegister(folder),
    kinds: ['click', 'impression'],
    versionsRead: async (kind) => {
      const known = versions[kind] ?? null;
      if (known instanceof Error) throw known;
      return known;
    },
    log: pino({ level: 'silent' }),
  });

test('a reader that is upgraded, and one that is not, take effect when it looks again, each for its kind', async () => {
  const versions: Partial<Record<EventKind, number[]>> = { click: [1, 2], impression: [4, 4] };
  const readers = await open(versions);
  expect([readers.canAnnotate('click'), readers.canAnnotate('impression')]).toEqual([false, true]);
  versions.click = [2, 2];
  await readers.look();
  expect(readers.canAnnotate('click')).toBe(true);
  versions.impression = [4, 1];
  await readers.look();
  expect(readers.canAnnotate('impression')).toBe(false);
});

test('it is on record before the first annotated message, and not before one is sent', async () => {
  const readers = await open({ click: [2], impression: [1] });
  await readers.beforeSend();
  expect([readers.canAnnotate('impression'), readers.canAnnotate('conversion')]).toEqual([false, false]);
  await readers.beforeSend();
  expect(await highestFormat(fileRegister(folder))).toBe(1);
  expect(readers.canAnnotate('click')).toBe(true);
  await readers.beforeSend();
  expect(await highestFormat(fileRegister(folder))).toBe(3);
});

test('while readers are away, or Kafka does not say, what is on record holds', async () => {
  const away = { impression: new Error('not now') };
  expect((await open(away)).canAnnotate('click')).toBe(false);
  await recordFormat(fileRegister(folder), 3);
  const readers = await open(away);
  expect([readers.canAnnotate('click'), readers.canAnnotate('impression')]).toEqual([true, true]);
});
