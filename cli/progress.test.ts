import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const SCRIPT = `
  const { progressOf } = await import('./cli/progress.ts');
  const { log, clear } = progressOf('rebuild', process.argv.includes('--json'));
  log.info({ day: '2021-01-01', run: 2, rows: 80, inputs: '{}' }, 'inputs checked');
  log.info({ day: '2021-01-01', run: 2, note: 'long '.repeat(60) }, 'counted');
  log.warn({ err: new Error('no answer') }, 'tried again');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  log.info({ day: '2021-01-01', run: 2 }, 'published');
  clear();`;
const QUIET = { ...process.env, SCRIPT, NO_COLOR: '1' };
const NODE = `${process.execPath} --import tsx --input-type=module --eval "$SCRIPT"`;
/** \`script\` of util-linux gives the command a terminal. */
const atTerminal = (command: string): string =>
  spawnSync('script', ['--quiet', '--return', '--command', `stty cols 60; ${command}`, '/dev/null'], {
    encoding: 'utf8',
    env: QUIET,
  }).stdout;

test('at a terminal there is one line that moves, and what warns stays', () => {
  const shown = atTerminal(NODE);
  const drawn = shown.split('\u001b[2K').flatMap((part) => part.split('\u001b[1G'));
  expect(drawn).toContain('2021-01-01 run 2: inputs checked, rows 80');
  expect(drawn.some((text) => text.length === 59 && text.startsWith('2021-01-01 run 2: counted, note long'))).toBe(
    true,
  );
  expect(shown.match(/tried again: no answer\r?\n/g)).toHaveLength(1);
  expect(shown.trimEnd().split('\n')).toHaveLength(2);
  expect(shown).not.toContain('{');
});

test('for a program, and where there is no terminal, there are lines of JSON', () => {
  const { stderr } = spawnSync('sh', ['-c', NODE], { encoding: 'utf8', env: QUIET });
  for (const text of [stderr, atTerminal(`${NODE} -- --json`)]) {
    const lines = text
      .trim()
      .split(/\r?\n/)
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(['inputs checked', 'counted', 'tried again', 'published']);
  }
});
