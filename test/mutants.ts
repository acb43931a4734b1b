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

interface Edit {
  file: string;
  from: string;
  to: string;
}

interface Mutant {
  edits: Edit[];
  /** The test file that must be red; without one `prove` must find it. */
  test?: string;
}

const SINK_TEST = 'realtime/sink/sink.engines.test.ts';
const RETENTION_TEST = 'batch/nightly/drop_raw.engines.test.ts';
const UNSEEN_TEST = 'serving/indexer/unseen.engines.test.ts';

const PROVEN: Record<string, Edit[]> = {
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
  'impressions are taken for conversions, and conversions for impressions': [
    {
      file: 'domain/click/line_prefix.ts',
      from: "beginsWith(bytes, start, IMPRESSION) ? 'impression'",
      to: "beginsWith(bytes, start, IMPRESSION) ? 'conversion'",
    },
    {
      file: 'domain/click/line_prefix.ts',
      from: "beginsWith(bytes, start, CONVERSION) ? 'conversion'",
      to: "beginsWith(bytes, start, CONVERSION) ? 'impression'",
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

const TESTED: Record<string, Required<Mutant>> = {
  'the message before is not compared': {
    edits: [
      {
        file: 'infra/clients/kafka/continuity.ts',
        from: 'if (!isSameMessage(this.#before, fingerprintOfArrived(before))) {',
        to: 'if (this.#before === null) {',
      },
    ],
    test: SINK_TEST,
  },
  'another leader epoch is not noticed': {
    edits: [
      {
        file: 'infra/clients/kafka/continuity.ts',
        from: 'if (epoch !== this.#epoch) this.#isSure = false;',
        to: '',
      },
    ],
    test: 'infra/clients/kafka/continuity.test.ts',
  },
  'the indexer does not compare the message before': {
    edits: [
      {
        file: 'serving/indexer/reading.ts',
        from: 'return before === null || isSameMessage(',
        to: 'return before !== undefined || isSameMessage(',
      },
    ],
    test: 'serving/indexer/reading.test.ts',
  },
  'a begun insert is repeated without counting its rows': {
    edits: [
      {
        file: 'realtime/sink/partition_writer.ts',
        from: 'const problem = wasBegun ? await this.#ports.judge(block, this.#progress) : null;',
        to: 'const problem = null as PartitionProblem | null;\n    void wasBegun;',
      },
    ],
    test: 'realtime/sink/partition_writer.test.ts',
  },
  'tokens are taken to be known for ever': {
    edits: [
      {
        file: 'realtime/sink/pending.ts',
        from: 'if (begun === null) return true;',
        to: 'if (now.length > 0) return true;\n  if (begun === null) return true;',
      },
    ],
    test: 'realtime/sink/pending.test.ts',
  },
  'a key of the register can be made twice': {
    edits: [
      {
        file: 'infra/register/file_register.ts',
        from: "if (createExclusively(path, { token, value })) return 'made';",
        to: "createExclusively(path, { token, value });\n      if (key !== '') return 'made';",
      },
    ],
    test: 'infra/register/file_register.test.ts',
  },
  'a replay ends as it likes, whatever was decided': {
    edits: [
      {
        file: 'infra/register/replays.ts',
        from: "{ end })) === 'made') return end;",
        to: '{ end })) !== null) return end;',
      },
    ],
    test: 'infra/register/replays.test.ts',
  },
  'an event goes under the next number that is free': {
    edits: [
      {
        file: 'batch/run/record_event.ts',
        from: 'const seq = held.lastSeq + 1;',
        to: 'const seq = (await lastSeq(ledger.register, day)) + 1;',
      },
      {
        file: 'batch/run/record_event.ts',
        from: 'import { keyOfEvent, type LedgerEvent, rowOf }',
        to: 'import { keyOfEvent, type LedgerEvent, lastSeq, rowOf }',
      },
    ],
    test: 'batch/run/hold_day.test.ts',
  },
  'announcements of an earlier publisher count': {
    edits: [
      {
        file: 'realtime/publisher/announcements.ts',
        from: 'announcementVersion(this.#epoch, this.#count)',
        to: 'announcementVersion(1, this.#count)',
      },
    ],
    test: 'realtime/publisher/announcements.test.ts',
  },
  "the host's clock says which days have ended": {
    edits: [
      {
        file: 'batch/run/ended.ts',
        from: "return timeForDays({ of: 'the broker', ms: broker.atMs }, others, allowedLatenessMs);",
        to: "return timeForDays({ of: 'the broker', ms: Date.now() }, others, allowedLatenessMs);",
      },
    ],
    test: 'batch/run/ended.engines.test.ts',
  },
  'the boundary passes messages that were never seen': {
    edits: [
      {
        file: 'serving/indexer/consume.ts',
        from: 'if (unseen !== null && !isTold) {',
        to: 'if (unseen !== null && !isTold && partition < 0) {',
      },
    ],
    test: UNSEEN_TEST,
  },
  'a month of raw rows is dropped although days of it are not counted': {
    edits: [{ file: 'batch/nightly/drop_raw.ts', from: 'if (days.length > 0) {', to: 'if (days.length > 1_000) {' }],
    test: RETENTION_TEST,
  },
  'a month of raw rows is dropped in the night that announces it': {
    edits: [
      {
        file: 'batch/nightly/drop_raw.ts',
        from: 'if (monthMs(month.month) >= kept.droppableBeforeMs) continue;',
        to: 'if (kept.sinceMs === null) continue;',
      },
    ],
    test: RETENTION_TEST,
  },
  'the boundary passes a refresh that failed': {
    edits: [
      { file: 'serving/indexer/refresh.ts', from: 'if (shards?.failed === 0) return;', to: 'if (shards) return;' },
    ],
    test: 'serving/indexer/refresh.test.ts',
  },
};

const MUTANTS: Record<string, Mutant> = {
  ...Object.fromEntries(Object.entries(PROVEN).map(([name, edits]) => [name, { edits }])),
  ...TESTED,
};

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

function proofIn(folder: string): Proof {
  const { stdout, status } = spawnSync(process.execPath, [join(folder, 'cli/clickledger.mjs'), ...PROVE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (stdout === '') throw new Error(`prove ended with ${status} and without a result`);
  const proof = JSON.parse(stdout) as Proof;
  if (proof.proven !== (status === 0)) throw new Error(`prove says ${proof.proven}, but ended with ${status}`);
  return proof;
}

/** What the proof found; null: nothing. */
function damageIn(folder: string): string | null {
  const { sent, stores, refused } = proofIn(folder);
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
