import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, afterEach, expect, test } from 'vitest';
import { eventually } from '../../test/support/wait.ts';
import type { Log } from '../log.ts';
import { tokensOfFile } from './given.ts';
import { type WatchedTokens, watchTokens } from './watch.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-tokens-'));
const file = join(folder, 'tokens');
const [HASH, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
let watched: WatchedTokens | undefined;
afterEach(() => watched?.stop());
afterAll(() => rmSync(folder, { recursive: true }));

/** As Kubernetes and careful editors write: another file takes its place. */
function exchange(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function start() {
  const errors: string[] = [];
  const metrics = new Registry();
  const log = { info() {}, error: (line: string) => void errors.push(line) } as unknown as Log;
  watched = watchTokens({ tokens: tokensOfFile(file), file, log, metrics, everyMs: 10 });
  const names = (): string[] => watched?.current().map(({ name }) => name) ?? [];
  const refused = async () =>
    (await metrics.getSingleMetric('clickledger_api_tokens_refused')?.get())?.values[0]?.value;
  return { names, errors, refused };
}

test('a file that was exchanged applies', async () => {
  exchange(`ops:admin:${HASH}`);
  const { names, errors, refused } = start();
  expect([names(), await refused()]).toEqual([['ops'], 0]);
  exchange(`ops:admin:${HASH},ui:reader:${OTHER}`);
  await eventually('the new one is known', async () => names().length === 2);
  exchange(`ui:reader:${OTHER}`);
  await eventually('the old one is not', async () => names().join() === 'ui');
  expect(errors).toEqual([]);
});

test.each([
  ['malformed', () => exchange('ops:admin'), /^API_TOKENS_FILE: \S+ is malformed; expected .* stay in force$/],
  ['empty', () => exchange(''), /^API_TOKENS_FILE: \S+ is malformed/],
  ['away', () => rmSync(file), /^API_TOKENS_FILE: cannot read \S+: ENOENT; name a file/],
])(
  'while the file is %s those that were read last stay, which is said once and is in a metric',
  async (_, spoil, line) => {
    exchange(`ops:admin:${HASH}`);
    const { names, errors, refused } = start();
    spoil();
    await eventually('it is refused', async () => (await refused()) === 1);
    expect(names()).toEqual(['ops']);
    exchange(`ui:reader:${OTHER}`);
    await eventually('it is taken again', async () => (await refused()) === 0);
    expect(names()).toEqual(['ui']);
    expect(errors).toEqual([expect.stringMatching(line)]);
  },
);
