import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isWhole, markWhole } from './complete.mjs';

describe('a downloaded folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'a.jar'), 'aaaa');
    writeFileSync(join(folder, 'b.jar'), 'bb');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is complete once it was marked, and its size is known', () => {
    expect(isWhole(folder)).toBe(false);
    expect(markWhole(folder)).toBe(6);
    expect(isWhole(folder)).toBe(true);
  });

  test.each([
    ['lost a file', () => rmSync(join(folder, 'lib', 'a.jar'))],
    ['was interrupted', () => writeFileSync(join(folder, 'b.jar'), 'b')],
    ['grew', () => appendFileSync(join(folder, 'b.jar'), 'b')],
    ['is gone', () => rmSync(join(folder, 'lib'), { recursive: true })],
  ])('is not complete when it %s', (_case, harm) => {
    markWhole(folder);
    harm();
    expect(isWhole(folder)).toBe(false);
  });
});
