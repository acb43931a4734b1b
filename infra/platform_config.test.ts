import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EVENT_KINDS } from '../domain/event_kinds.ts';
import { memoryRegister } from '../test/support/memory_register.ts';
import { kindsNotAskedFor, kindsOfPlatform, readPlatformConfig } from './platform_config.ts';
import { recordKinds } from './register/event_kinds.ts';
import { fileRegister } from './register/file_register.ts';

test('a platform goes on with the kinds on record, unless others are set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platform-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { DATA_DIR: folder };
  expect((await readPlatformConfig(env)).eventKinds).toEqual(EVENT_KINDS);
  await recordKinds(fileRegister(join(folder, 'register')), ['click', 'impression'], 0);
  expect((await readPlatformConfig(env)).eventKinds).toEqual(['click', 'impression']);
  expect((await readPlatformConfig({ ...env, EVENT_KINDS: 'click' })).eventKinds).toEqual(['click']);
});

test('one from before there were kinds goes on with clicks', async () => {
  expect(await kindsOfPlatform(memoryRegister(), false)).toBeNull();
  expect(await kindsOfPlatform(memoryRegister(), true)).toEqual(['click']);
  const register = memoryRegister();
  await register.create('stores/kafka/000000000001', {});
  expect(await kindsOfPlatform(register, false)).toEqual(['click']);
});

test.each([
  [['click'] as const, false, /^EVENT_KINDS is not set.*: click; EVENT_KINDS=click,impression,conversion adds/],
  [['click'] as const, true, null],
  [EVENT_KINDS, false, null],
])('of %s, set: %s, it says %s', (kinds, eventKindsAreSet, said) => {
  const line = kindsNotAskedFor({ eventKinds: [...kinds], eventKindsAreSet });
  if (said === null) expect(line).toBeNull();
  else expect(line).toMatch(said);
});
