import { expect, test } from 'vitest';
import { screenOf } from './status.ts';

const at = new Date('2026-11-29T10:00:00Z');
const linesOf = (text: string, rows: number, columns = 80): string[] =>
  screenOf(text, at, { rows, columns }).replaceAll('\u001b[K', '').split('\n');

test('a screen has the time and the whole text if it fits', () => {
  expect(linesOf('a\nb\n\n', 10)).toEqual(['2026-11-29T10:00:00.000Z   Ctrl-C ends it', 'a', 'b']);
});

test('of a longer text it has what fits, and says how much is left out', () => {
  const lines = linesOf(Array.from({ length: 20 }, (_, n) => `line ${n}`).join('\n'), 6, 12);
  expect(lines).toEqual(['2026-11-29T', 'line 0', 'line 1', 'line 2', '… 17 more l']);
});
