import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { eventTopic } from '../domain/event_kinds.ts';
import { count } from '../domain/fields.ts';
import { ParseError, parsedJson } from '../domain/parse.ts';
import { DAY_MS } from '../domain/time.ts';
import { appendDurably, readIfThere, replaceOpen } from '../infra/files.ts';
import { Serial } from '../infra/serial.ts';
import { statFile } from './files.ts';
import { generation } from './generation.ts';
import { PositionHistory } from './positions.ts';

/** Absent in records from before there were other kinds. */
const later = count.default(0);

/** What became of the lines: each is one of the others. `skipped`: events of a kind that is not run. */
const lineTotals = z.object({
  lines: count,
  clicks: count,
  impressions: later,
  conversions: later,
  rejected: count,
  skipped: later,
});
export type LineTotals = z.infer<typeof lineTotals>;

export const noLines = (): LineTotals => ({
  lines: 0,
  clicks: 0,
  impressions: 0,
  conversions: 0,
  rejected: 0,
  skipped: 0,
});

export const addLines = (a: LineTotals, b: LineTotals): LineTotals => ({
  lines: a.lines + b.lines,
  clicks: a.clicks + b.clicks,
  impressions: a.impressions + b.impressions,
  conversions: a.conversions + b.conversions,
  rejected: a.rejected + b.rejected,
  skipped: a.skipped + b.skipped,
});

/** The durable state of one generation. */
const checkpoint = z.object({
  ...generation.shape,
  ...lineTotals.shape,
  /** The host in its event ids: renaming the host must not change the ids of clicks already sent. */
  host: z.string(),
  /**
   * The topic of all its clicks, whatever the region is now: only there are duplicates recognised. Other kinds of events
   * go to the topics beside it. Absent in records from before regions existed.
   */
  topic: z.string().default(eventTopic('click', null)),
  path: z.string(),
  /** Since when neither its file nor a copy exists (epoch ms); null while one does. */
  goneMs: z.int().nullable(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** How far a generation was read and acknowledged: `tail.to` is the offset to resume from. */
export type Position = LineTotals & Pick<Checkpoint, 'head' | 'tail'>;

const retiredTotals = z.object({ retired: lineTotals });

export type Change = { id: string } & Partial<Checkpoint>;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** Random, since nothing in a log identifies a generation. */
export const newGenerationId = (): string => [...randomBytes(12)].map((byte) => BASE32[byte % 32]).join('');

/** Long enough for an unmounted volume to come back. */
const FORGET_GONE_MS = 30 * DAY_MS;
const COMPACT_AT_BYTES = 4 * 1024 * 1024;

const journalPath = (dataDir: string): string => join(dataDir, 'ingest', 'checkpoints', 'journal.jsonl');
const wasJournalCopied = (path: string): boolean => statFile(path)?.wasCopied ?? false;
const forgottenPath = (journal: string): string => join(dirname(journal), 'forgotten.jsonl');

/**
 * Checkpoints of all generations in one journal: a change costs one line, and a batch of changes one fsync, however
 * many files are followed. The last line of a generation wins. A failed write rejects and must end the process: the
 * journal may end in a partial line, which the next start drops.
 */
export class CheckpointStore {
  readonly #path: string;
  readonly #records: Map<string, Checkpoint>;
  #retired: LineTotals;
  #file: FileHandle | null = null;
  readonly #history: PositionHistory;
  #appendedBytes = 0;
  /** After a failed write, all later ones fail. */
  readonly #writes = new Serial({ endsAtFailure: true });
  /** The journal was copied with its times when it was opened: so was the data folder, and perhaps its logs. */
  readonly wasCopied: boolean;

  private constructor(path: string, { records, retired }: Checkpoints, history: PositionHistory, wasCopied: boolean) {
    this.#path = path;
    this.#history = history;
    this.#records = records;
    this.#retired = retired;
    this.wasCopied = wasCopied;
  }

  /** @param warn told in words of what cannot be read any more and is not needed to go on */
  static async open(dataDir: string, nowMs: number, warn: (line: string) => void = () => {}): Promise<CheckpointStore> {
    const path = journalPath(dataDir);
    return explained(path, async () => {
      mkdirSync(dirname(path), { recursive: true });
      const journal = readJournal(path);
      const history = PositionHistory.open(dataDir, () => positionsOf(journal), nowMs, warn);
      const store = new CheckpointStore(path, journal, history, wasJournalCopied(path));
      await store.#compact(nowMs);
      return store;
    });
  }

  /** Oldest generation first. */
  all(): Checkpoint[] {
    return [...this.#records.values()];
  }

  /** Generations that were forgotten because their files had been gone for long, oldest first. */
  forgotten(): Checkpoint[] {
    return readForgotten(this.#path);
  }

  /** Resolves when the changes are on disk. A generation's first change must be a whole checkpoint. */
  save(changes: Change[], nowMs: number): Promise<void> {
    return this.#writes.run(async () => {
      if (changes.length > 0) await this.#checkOwned();
      await explained(this.#path, async () => {
        await this.#append(changes, nowMs);
        this.#history.note(
          changes.flatMap(({ id, tail }) => (tail === undefined ? [] : [[id, tail.to] as const])),
          nowMs,
        );
      });
    });
  }

  /** Each start writes the journal anew: what another monitor would write behind that, nobody would read. */
  async #checkOwned(): Promise<void> {
    const [there, ours] = [statFile(this.#path), await this.#file?.stat()];
    if (!there || !ours || there.id.inode === `${ours.dev}:${ours.ino}`) return;
    throw new Error(
      `another log monitor has begun to work with ${dirname(this.#path)}, and goes on from its last checkpoint: this one ` +
        'ends. Run one for each DATA_DIR.',
    );
  }

  async #append(changes: Change[], nowMs: number): Promise<void> {
    if (changes.length === 0) return;
    let text = '';
    for (const change of changes) {
      const record = { ...this.#records.get(change.id), ...change } as Checkpoint;
      this.#records.set(change.id, record);
      text += `${JSON.stringify(record)}\n`;
    }
    if (this.#file === null) throw new Error(`${this.#path} is not open`);
    await appendDurably(this.#file, text);
    this.#appendedBytes += text.length;
    if (this.#appendedBytes > COMPACT_AT_BYTES) await this.#compact(nowMs);
  }

  async close(): Promise<void> {
    await this.#writes.ended();
    await this.#file?.close();
    this.#file = null;
  }

  async #compact(nowMs: number): Promise<void> {
    const gone = this.all().filter(({ goneMs }) => goneMs !== null && goneMs <= nowMs - FORGET_GONE_MS);
    await appendForgotten(this.#path, gone);
    for (const record of gone) {
      this.#retired = addLines(this.#retired, record);
      this.#records.delete(record.id);
    }
    const entries = [{ retired: this.#retired }, ...this.#records.values()];
    const file = await replaceOpen(this.#path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await this.#file?.close();
    this.#file = file;
    this.#appendedBytes = 0;
  }
}

/** The durable state of all generations. */
export interface Checkpoints {
  records: Map<string, Checkpoint>;
  /** Totals of generations that have been forgotten. */
  retired: LineTotals;
}

const positionsOf = ({ records }: Pick<Checkpoints, 'records'>): Record<string, number> =>
  Object.fromEntries([...records.values()].map(({ id, tail }) => [id, tail.to]));

/** The checkpoints as a log monitor would find them that starts now. Nothing is written. */
export function readOnlyStore(dataDir: string): Pick<CheckpointStore, 'all' | 'save' | 'forgotten' | 'wasCopied'> {
  const path = journalPath(dataDir);
  const { records } = readJournal(path);
  return {
    all: () => [...records.values()],
    save: async () => {},
    forgotten: () => readForgotten(path),
    wasCopied: wasJournalCopied(path),
  };
}

export const readCheckpoints = (dataDir: string): Checkpoints => readJournal(journalPath(dataDir));

/** The path of a generation's log, as it was last seen; null: it is not followed here, or has been forgotten. */
export const logFileOf =
  (dataDir: string) =>
  (generation: string): string | null =>
    readCheckpoints(dataDir).records.get(generation)?.path ?? null;

/** Lines read and acknowledged so far. */
export const totalsOf = ({ records, retired }: Checkpoints): LineTotals =>
  [...records.values()].reduce(addLines, retired);

export const ingestTotals = (dataDir: string): LineTotals => totalsOf(readCheckpoints(dataDir));

function readJournal(path: string): Checkpoints {
  const journal: Checkpoints = { records: new Map(), retired: noLines() };
  // The last element may be a partial line: its write was never acknowledged.
  const lines = (readIfThere(path) ?? '').split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) {
    // A union of the two would try both schemas on up to a hundred thousand lines.
    const schema = line.startsWith('{"retired":') ? retiredTotals : checkpoint;
    const entry = parsedJson(schema, line, `line ${i + 1} of ${path}`);
    if ('retired' in entry) journal.retired = entry.retired;
    else journal.records.set(entry.id, entry);
  }
  return journal;
}

/** If a file is unpacked or put back after a long time, its lines do not count once more. */
async function appendForgotten(journal: string, records: Checkpoint[]): Promise<void> {
  if (records.length === 0) return;
  const file = await open(forgottenPath(journal), 'a', 0o644);
  try {
    // On a line of its own, also behind half a line of a crash.
    await appendDurably(file, records.map((record) => `\n${JSON.stringify(record)}`).join(''));
  } finally {
    await file.close();
  }
}

function readForgotten(journal: string): Checkpoint[] {
  const lines = (readIfThere(forgottenPath(journal)) ?? '').split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    try {
      return [parsedJson(checkpoint, line, forgottenPath(journal))];
    } catch (error) {
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}

/** Adds to an error what failed and what to do about it. */
async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `checkpoints cannot be kept in ${dirname(path)} (${why}). Nothing more is read, because it could not be ` +
        'remembered. Make room there or make the folder writable, and start the log monitor again: it continues from ' +
        'its last checkpoint, and no line is skipped or counted twice.',
      { cause: error },
    );
  }
}
