/**
 * Shows that the proof and the tests can fail: disables one mechanism in a copy of the source, and expects
 * `clickledger prove` on the copy to find lost or doubled events, or the tests named with it to be red.
 * `npm run mutants [name…]`; each takes one to three minutes.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Proof } from '../prove/run.ts';
import { type Edit, MUTANTS } from './support/mutants.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROVE = ['prove', '--seconds', '60', '--seed', '1', '--json'];

/** Makes a copy of the source with the edits, and removes it afterwards. */
function inCopy<T>(edits: Edit[], work: (folder: string) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'clickledger-mutant-'));
  try {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
    for (const file of files) cpSync(join(ROOT, file), join(copy, file));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const edit of edits) apply(copy, edit);
    return work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The result of the proof, or why it had none: the platform stopped at the fault, and nothing settled. */
function proofIn(folder: string): Proof | string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'cli/clickledger.mjs'), ...PROVE], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  process.stderr.write(stderr);
  const unsettled = stderr.split('\n').find((line) => line.includes('not settled after'));
  if (stdout === '' && unsettled !== undefined) return unsettled;
  if (stdout === '') throw new Error(`prove ended with ${status} and without a result`);
  const proof = JSON.parse(stdout) as Proof;
  if (proof.proven !== (status === 0)) throw new Error(`prove says ${proof.proven}, but ended with ${status}`);
  return proof;
}

/** What the proof found; null: nothing. */
function damageIn(folder: string): string | null {
  const proof = proofIn(folder);
  if (typeof proof === 'string') return proof;
  const { sent, stores, refused } = proof;
  const wrong = stores.filter(({ lost, doubled }) => lost + doubled > 0);
  const damage = wrong.map(({ event, store, lost, doubled }) => `${event}, ${store}: ${lost} lost, ${doubled} doubled`);
  if (refused !== null) damage.push(`refused: ${refused.trimEnd().split('\n').at(-1)}`);
  // A fault that was not injected is no damage.
  return damage.length === 0 ? null : `of ${sent} events ${damage.join('; ')}`;
}

const testReport = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ title: z.string(), status: z.string() })) })),
});

/** Tests of the file that are red; null: none. Throws if none was run. */
function redTestsIn(folder: string, file: string): string | null {
  const report = join(folder, 'mutant-report.json');
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  spawnSync(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`, file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TEST_ALL: '1' },
  });
  const { testResults } = testReport.parse(JSON.parse(readFileSync(report, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0) throw new Error(`no test of ${file} was run`);
  const red = tests.filter(({ status }) => status === 'failed').map(({ title }) => title);
  return red.length === 0 ? null : `${red.length} of ${tests.length} tests of ${file} are red, such as "${red[0]}"`;
}

function apply(folder: string, { file, from, to }: Edit): void {
  const parts = readFileSync(join(folder, file), 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} has "${from}" ${parts.length - 1} times; fix the mutant`);
  writeFileSync(join(folder, file), parts.join(to));
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MUTANTS);
for (const name of wanted) {
  const mutant = MUTANTS[name];
  if (mutant === undefined) throw new Error(`no mutant "${name}"; there are: ${Object.keys(MUTANTS).join(', ')}`);
  const { edits, test } = mutant;
  const found = inCopy(edits, (folder) => (test === undefined ? damageIn(folder) : redTestsIn(folder, test)));
  process.stdout.write(`${name}: ${found === null ? 'NOT FOUND' : `found; ${found}`}\n`);
  if (found === null) process.exitCode = 1;
}
