import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkHashes, listOf } from './hashes.mjs';

const OF_A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

describe('files that were fetched', () => {
  let root: string;
  let folder: string;
  let list: string;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'hashes-'));
    folder = join(root, 'engine');
    list = join(root, 'files.sha256');
    mkdirSync(join(folder, 'lib', 'x y'), { recursive: true });
    writeFileSync(join(folder, 'lib', 'a.jar'), 'a');
    writeFileSync(join(folder, 'lib', 'x y', 'b.jar'), 'b');
    writeFileSync(list, await listOf(folder));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const check = (): Promise<void> => checkHashes({ what: 'kafka 1.2', folder, list });

  test('are listed with the SHA-256 of each', async () => {
    const lines = (await listOf(folder)).trimEnd().split('\n');
    expect(lines).toEqual([`${OF_A}  lib/a.jar`, expect.stringMatching(/^[0-9a-f]{64} {2}lib\/x y\/b\.jar$/)]);
  });

  test('pass when they are those of the list', async () => {
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([
    ['another content of the same length', () => writeFileSync(join(folder, 'lib', 'a.jar'), 'A'), 'lib/a.jar has SHA'],
    ['a longer content', () => appendFileSync(join(folder, 'lib', 'a.jar'), 'A'), 'lib/a.jar has SHA-256'],
    ['a file less', () => rmSync(join(folder, 'lib', 'a.jar')), 'lib/a.jar is missing'],
    ['a file more', () => writeFileSync(join(folder, 'lib', 'c.jar'), ''), 'lib/c.jar is not in the list'],
    [
      'another name',
      () => renameSync(join(folder, 'lib', 'a.jar'), join(folder, 'lib', 'c.jar')),
      'lib/a.jar is missing, and 1 more',
    ],
  ])('are refused with %s', async (_case, change, reason) => {
    change();
    await expect(check()).rejects.toThrow(
      `kafka 1.2 was not installed: what was fetched is not what ${list} lists: ${reason}`,
    );
  });
});
