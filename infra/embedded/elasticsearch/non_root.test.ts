import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mayBeSomebodyElse } from '../../../test/support/second_user.ts';
import { asNonRoot, PLAIN_UID } from './non_root.ts';

let dataDir = '';
let folder = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'clickledger-non-root-'));
  folder = join(dataDir, 'engines', 'elasticsearch');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'users'), 'x', { mode: 0o600 });
  for (const path of [dataDir, join(dataDir, 'engines'), folder]) chmodSync(path, 0o700);
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const run = (mayMap: boolean) =>
  asNonRoot({ reads: '/usr/bin', owns: folder, passes: [dataDir, join(dataDir, 'engines')] }, () => mayMap);
const found = (path: string) => {
  const { uid, mode } = statSync(path);
  return [uid, mode & 0o777];
};

describe.runIf(mayBeSomebodyElse)('as root', () => {
  test('where root cannot be mapped, a plain user gets access to the folder and the path to it, and no more', () => {
    expect(run(false).wrapper).toContain(`--reuid=${PLAIN_UID}`);
    expect([dataDir, join(dataDir, 'engines'), folder, join(folder, 'users')].map(found)).toEqual([
      [0, 0o711],
      [0, 0o711],
      [PLAIN_UID, 0o700],
      [PLAIN_UID, 0o600],
    ]);
  });

  test('where root can be mapped again, the folder is root’s again', () => {
    run(false);
    expect(run(true).wrapper[0]).toBe('unshare');
    expect([folder, join(folder, 'users')].map(found)).toEqual([
      [0, 0o700],
      [0, 0o600],
    ]);
  });
});
