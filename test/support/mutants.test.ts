import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.each(Object.entries(MUTANTS))('"%s" finds what it changes, once', (_, { edits, test: file }) => {
  for (const { file, from } of edits) {
    expect(readFileSync(`${ROOT}${file}`, 'utf8').split(from).length - 1, `${file}: ${from}`).toBe(1);
  }
  if (file !== undefined) expect(existsSync(`${ROOT}${file}`), file).toBe(true);
});
