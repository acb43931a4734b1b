import { describe, expect, test } from 'vitest';
import { isAtLeast, parseVersion } from './versions.mjs';

describe('versions of tools', () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', [17, 0, 15]],
    ['openjdk version "21" 2023-09-19', [21, 0, 0]],
    ['java version "1.8.0_402"', [8, 0]],
    ['javac 17.0.15', [17, 0, 15]],
    ['Apache Maven 3.8.7\nJava version: 17.0.15', [3, 8, 7]],
    ['command not understood', undefined],
  ])('%j', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  test.each([
    [[17, 0, 15], [17], true],
    [[11, 0, 22], [17], false],
    [[3, 8, 0], [3, 8], true],
    [[3, 6, 3], [3, 8], false],
    [[4, 0, 0], [3, 8], true],
    [[21], [17, 0, 1], true],
    [[17], [17, 0, 1], false],
  ])('%j satisfies %j: %s', (version, minimum, enough) => {
    expect(isAtLeast(version, minimum)).toBe(enough);
  });
});
