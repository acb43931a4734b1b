import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ON_OTHER_NODE = fileURLToPath(new URL('../.ci/other-node', import.meta.url));
const LIMIT_MS = 600_000;

/** What a command prints, run on the oldest Node that is supported if this one is newer, else on the newest. */
async function onOtherNode(...command: string[]): Promise<string> {
  // Not those of the test runner that this is a test of.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_)/.test(name)));
  const { stdout } = await promisify(execFile)(ON_OTHER_NODE, command, { env, maxBuffer: 64 * 1024 * 1024 });
  const [, major] = /^Node v(\d+)/m.exec(stdout) ?? [];
  expect(Number(major)).not.toBe(Number(process.versions.node.split('.')[0]));
  return stdout;
}

test('the unit tests pass on the other Node', { timeout: LIMIT_MS }, async () => {
  expect(await onOtherNode('npx', 'vitest', 'run', '--project', 'unit')).toMatch(/^\d{4} passed, 0 failed/m);
});

test('a platform starts on the other Node, and stops', { timeout: LIMIT_MS }, async () => {
  expect(await onOtherNode('npx', 'tsx', 'test/start_once.ts')).toMatch(/: all ready after [\d.]+ s, and stopped$/m);
});
