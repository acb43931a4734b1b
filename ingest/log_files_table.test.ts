import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const fileOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('each row of the table of log files names a test that is there', () => {
  const [, section = ''] = fileOf('../docs/operations.md').split('\n## Log files\n');
  const rows = (section.split('\n## ')[0] as string).split('\n').filter((line) => line.startsWith('| '));
  const held = rows.slice(1).map((row) => /\| `([^`]+)`: ([^|]+) \|$/.exec(row)?.slice(1) ?? [row]);
  expect(held.length).toBeGreaterThan(25);
  for (const [path = '', title = 'no test is named'] of held) expect(fileOf(path), title).toContain(title);
});
