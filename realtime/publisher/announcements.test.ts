import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MESSAGE_VERSION } from '../../domain/message_version.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { highestFormat, recordFormat } from '../../infra/register/formats.ts';
import { Announcements } from './announcements.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'announcements-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (versionsRead: () => Promise<number[] | null>) =>
  Announcements.open({ register: fileRegister(folder), versionsRead });

test('announcements have versions once every reader reads them, and then for good', async () => {
  let readers: number[] | null = null;
  const announcements = await open(async () => readers);
  for (readers of [null, [], [1], [MESSAGE_VERSION, 1]]) {
    expect(await announcements.next(), `${readers}`).toEqual({});
    expect(await highestFormat(fileRegister(folder))).toBe(1);
  }
  readers = [MESSAGE_VERSION, MESSAGE_VERSION + 1];
  expect(await announcements.next()).toEqual({ v: MESSAGE_VERSION, version: 2 ** 32 + 1 });
  expect(await highestFormat(fileRegister(folder))).toBe(2);
  readers = null;
  expect(await announcements.next()).toEqual({ v: MESSAGE_VERSION, version: 2 ** 32 + 2 });
  const restarted = await open(async () => null);
  expect(await restarted.next()).toEqual({ v: MESSAGE_VERSION, version: 2 * 2 ** 32 + 1 });
  // The one that was thought dead.
  expect((await announcements.next()).version).toBe(2 ** 32 + 3);
});

test('a publisher that waits for the readers goes on when another has begun', async () => {
  const announcements = await open(async () => null);
  expect(await announcements.next()).toEqual({});
  await recordFormat(fileRegister(folder), 2);
  expect(await announcements.next()).toEqual({ v: MESSAGE_VERSION, version: 2 ** 32 + 1 });
});
