import { expect, test, vi } from 'vitest';
import { BENCHMARKS } from '../bench/benchmarks.ts';
import { benchCommand } from './bench.ts';

/** Output and exit code of the command, run in this process. */
async function bench(...args: string[]) {
  const said: string[] = [];
  const keep = (text: string): void => void said.push(text);
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const command = benchCommand().exitOverride().configureOutput({ writeErr: keep });
  try {
    const code = await command.parseAsync(args, { from: 'user' }).then(
      () => 0,
      ({ exitCode }) => exitCode,
    );
    return { code, said: said.join('') };
  } finally {
    stdout.mockRestore();
  }
}

test('without a name it lists the benchmarks, each on one line', async () => {
  const { code, said } = await bench();
  expect(code).toBe(0);
  const listed = said.matchAll(/^(\S+) +(.+)$/gm);
  expect([...listed].map(([, name, about]) => ({ name, about }))).toEqual(
    BENCHMARKS.map(({ name, about }) => ({ name, about })),
  );
  const json = JSON.parse((await bench('--json')).said);
  expect(json).toEqual(BENCHMARKS.map(({ name, about }) => ({ name, about })));
});

test.each([
  [['nothing'], /'nothing'.*There are: .*hot-ads/],
  [['hot-ads', '--scale', '0'], /--scale.*Expected a number/],
  [['sink', '--ads', '0'], /--ads.*Expected a number/],
  [['hot-ads', '--ads', '5'], /--ads: hot-ads has a mix of its own/],
  [['sink', '--format', 'json'], /--format: sink has no choice of it/],
  [['tail', '--format', 'xml'], /--format.*Allowed choices are text, json/],
  [['batch', '--against', 'HEAD'], /--against: batch cannot be compared.*these can: tail, .*sink/],
  [['sink', '--against', 'no-such-commit'], /--against: there is no commit "no-such-commit"/],
])('%j is refused with a clear line', async (args, line) => {
  const { code, said } = await bench(...args);
  expect(code).toBe(1);
  expect(said).toMatch(line);
});
