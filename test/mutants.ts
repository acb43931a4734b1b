/**
 * Shows that the proof can fail: disables one mechanism in a copy of the source, runs `clickledger prove` on the copy,
 * and expects it to find lost or doubled clicks. `npm run mutants [name…]`; each takes about three minutes.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Proof } from '../prove/run.ts';

interface Edit {
  file: string;
  from: string;
  to: string;
}

const MUTANTS: Record<string, Edit[]> = {
  'no intents': [
    {
      file: 'realtime/sink/intent.ts',
      from: 'return { offset, pending, arrivedMs',
      to: 'return { offset, pending: null, arrivedMs',
    },
    // The sink's own check would stop it; without the check the fault becomes visible.
    {
      file: 'realtime/sink/take_over.ts',
      from: 'if (stored >= (progress.pending ?? progress.offset)) {',
      to: 'if (stored < -1) {',
    },
  ],
  'no tokens': [
    {
      file: 'realtime/sink/store.ts',
      from: 'const token = blockToken(',
      to: 'const token = Math.random() + blockToken(',
    },
  ],
  'no dedupe in views': [
    {
      file: 'realtime/sink/store.ts',
      from: 'deduplicate_blocks_in_dependent_materialized_views: 1',
      to: 'deduplicate_blocks_in_dependent_materialized_views: 0',
    },
  ],
  'files before their manifest': [
    {
      file: 'batch/archive/write_range.ts',
      from: 'if (!createManifest(archiveDir, manifest)) {',
      to: 'putInPlace(archiveDir, manifest);\n  if (!createManifest(archiveDir, manifest)) {',
    },
  ],
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROVE = ['prove', '--seconds', '60', '--seed', '1', '--json'];

function proofOf(edits: Edit[]): Proof {
  const copy = mkdtempSync(join(tmpdir(), 'clickledger-mutant-'));
  try {
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
    for (const file of files) cpSync(join(ROOT, file), join(copy, file));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const edit of edits) apply(copy, edit);
    const { stdout, status } = spawnSync(process.execPath, [join(copy, 'cli/clickledger.mjs'), ...PROVE], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (stdout === '') throw new Error(`prove ended with ${status} and without a result`);
    const proof = JSON.parse(stdout) as Proof;
    if (proof.proven !== (status === 0)) throw new Error(`prove says ${proof.proven}, but ended with ${status}`);
    return proof;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function apply(folder: string, { file, from, to }: Edit): void {
  const parts = readFileSync(join(folder, file), 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} has "${from}" ${parts.length - 1} times; fix the mutant`);
  writeFileSync(join(folder, file), parts.join(to));
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MUTANTS);
for (const name of wanted) {
  const edits = MUTANTS[name];
  if (edits === undefined) throw new Error(`no mutant "${name}"; there are: ${Object.keys(MUTANTS).join(', ')}`);
  const { sent, stores, refused, proven } = proofOf(edits);
  const wrong = stores.filter(({ lost, doubled }) => lost + doubled > 0);
  const damage = wrong.map(({ store, lost, doubled }) => `${store}: ${lost} lost, ${doubled} doubled`);
  if (refused !== null) damage.push(`refused: ${refused.trimEnd().split('\n').at(-1)}`);
  process.stdout.write(`${name}: ${proven ? 'NOT FOUND' : `found; of ${sent} clicks ${damage.join('; ')}`}\n`);
  if (proven) process.exitCode = 1;
}
