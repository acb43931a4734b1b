export interface Edit {
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

/** Mechanisms, of which test/mutants.ts disables each in a copy of the source. */
const PROVEN: Record<string, Edit[]> = {
  'no intents': [
    {
      file: 'realtime/sink/intent.ts',
      from: 'return { offset, ...rest, arrivedMs: arrived };',
      to: 'return { offset, ...rest, pending: null, arrivedMs: arrived };',
    },
    // The sink's own check would stop it; without the check the fault becomes visible.
    {
      file: 'realtime/sink/start.ts',
      from: 'if (stored >= reached) {',
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
      file: 'infra/insert_rows.ts',
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

export const MUTANTS: Record<string, Mutant> = {
  ...Object.fromEntries(Object.entries(PROVEN).map(([name, edits]) => [name, { edits }])),
  ...TESTED,
};
