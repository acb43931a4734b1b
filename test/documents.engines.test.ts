import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, dayOf, iso } from '../domain/time.ts';
import { testAd, testDays } from './support/days.ts';
import { type Block, blocksOf, comparable, namedCommands, shell } from './support/documents.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const START_MS = testDays();
const AD = testAd('documents');
const FILTER = 1_000_000 + Math.floor(Math.random() * 1_000_000);
const OTHERS_LOG = `${env.DATA_DIR}/logs/documents.log`;

/** The platform of the tests instead of the reader's, and a day and an ad that no other test has. */
const here = (text: string): string =>
  text
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${env.API_PORT}`)
    .replaceAll('data/logs/', `${env.DATA_DIR}/logs/`)
    .replaceAll('2021-01-01', dayOf(START_MS))
    .replaceAll('2021-01-02', dayOf(START_MS + DAY_MS))
    .replaceAll('2022-11-24', dayOf(START_MS))
    .replaceAll('2022-11-25', dayOf(START_MS + DAY_MS))
    .replaceAll('ad001', AD)
    .replaceAll(/(filters\/|filter=|"id":)7\b/g, `$1${FILTER}`)
    .replaceAll('curl ', 'curl --silent --show-error ');

const ran = new Set<Block>();

/** Repeats a block until it prints what the document shows. */
async function asWritten(block: Block, isExact: boolean): Promise<void> {
  ran.add(block);
  const wanted = block.output.map(here);
  let printed: string[] = [];
  const same = async (): Promise<boolean> => {
    const text = await shell(block.commands.map(here).join('\necho\n'), env as Record<string, string>);
    printed = text.split('\n').filter((line) => line !== '');
    return printed.map(read).join('\n') === wanted.map(read).join('\n');
  };
  // As text: the order of the fields is the documented one, too.
  const read = (line: string): string =>
    line.startsWith('{') ? JSON.stringify(comparable(JSON.parse(line), isExact)) : line;
  // A run must be made only once.
  const isRepeatable = !block.commands.some((command) => command.includes(' rebuild '));
  if (isRepeatable) await eventually('the output that is written', same, 60_000, 500).catch(() => false);
  else await same();
  expect(printed.map(read)).toEqual(wanted.map(read));
}

const readme = blocksOf('README.md');
const api = blocksOf('docs/api.md');
const the = (blocks: Block[], part: string): Block => {
  const found = blocks.find(({ commands, output }) => [...commands, ...output].some((line) => line.includes(part)));
  if (!found) throw new Error(`no block has ${part}`);
  return found;
};

beforeAll(async () => {
  // Clicks of the present, for questions about all ads.
  const nowMs = Date.now() - 60_000;
  const line = (n: number): string =>
    `[AdClickEvent] ${AD}-${n}, ${iso(nowMs).slice(0, 19).replace('T', ' ')}, user ${n}, 207.48.22.22, DEU`;
  await shell(`printf '%s\\n' '${[1, 2, 3].map(line).join("' '")}' >> '${OTHERS_LOG}'`, {});
});
afterAll(async () => {
  await fetch(`http://127.0.0.1:${env.API_PORT}/v1/filters/${FILTER}`, { method: 'DELETE' });
});

test('one click, one answer, one receipt: README and docs/api.md in the order a reader has them', async () => {
  const line = the(readme, 'echo ');
  ran.add(line);
  for (const command of line.commands) await shell(here(command), {});
  await asWritten(the(readme, 'aggregated_count'), true);
  await asWritten(the(api, 'aggregated_count?from'), true);
  await asWritten(the(api, 'not_ip='), true);
  await asWritten(the(readme, './clickledger rebuild'), true);
  const afterTheRun = the(api, '"status":"final"');
  ran.add(afterTheRun);
  await asWritten({ commands: the(api, 'aggregated_count?from').commands, output: afterTheRun.output }, true);
});

test('questions about all ads, filters, status, names and a preview answer in the form that docs/api.md shows', async () => {
  await asWritten(the(api, 'popular_ads?count=3&window=5'), false);
  await asWritten(the(api, '/v1/filters/7'), false);
  await asWritten(the(api, '/v1/status'), false);
  await asWritten(the(api, '-X PUT http://127.0.0.1:8080/v1/ads'), false);
  await asWritten(the(api, 'Idempotency-Key'), false);
});

test('no example of README or docs/api.md is left out of these tests', () => {
  const left = [...readme, ...api].filter((block) => !ran.has(block));
  // Starts a platform, and runs these tests.
  expect(left.flatMap(({ commands }) => commands).filter((line) => !/^npm (start|test)\b/.test(line))).toEqual([]);
});

test.each([
  'README.md',
  'docs/api.md',
  'docs/operations.md',
  'docs/benchmarks.md',
  'docs/guarantees.md',
  'CONTRIBUTING.md',
])('commands that %s names exist', async (path) => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const help = await shell('./clickledger --help', {});
  const known = new Set([...help.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name));
  for (const command of new Set(namedCommands(path))) {
    const [program, ...words] = command.split(' ');
    const name = words.at(-1) ?? '';
    if (program === './clickledger') expect(known, command).toContain(name);
    else if (!['ci', 'run', 'install', 'start', 'test'].includes(name))
      expect(Object.keys(scripts), command).toContain(name);
  }
});
