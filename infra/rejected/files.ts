import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { count, day } from '../../domain/fields.ts';
import { messageFingerprint } from '../../domain/message_fingerprint.ts';
import { parsedJson } from '../../domain/parse.ts';
import { dayOf } from '../../domain/time.ts';
import { createExclusively, readJson, readJsonIfThere, replaceFile, writeJsonAtomically } from '../files.ts';
import { sha256Hex } from '../hash.ts';

/**
 * What was rejected, in files of the archive: `rejected/dt=<day>/<range>.jsonl.gz`, one message of the rejected topic a
 * line, by the day of its time. A manifest for each range of offsets says which files have it; without one a file is what
 * a killed process left, and is not read.
 */
const rejectedMessage = z.object({
  offset: count,
  /** Epoch milliseconds. */
  time_ms: z.int(),
  key_base64: z.string().nullable(),
  value_base64: z.string().nullable(),
});

export interface RejectedMessage {
  offset: number;
  timeMs: number;
  key: Buffer | null;
  value: Buffer | null;
}

const rejectedFile = z.object({ day, path: z.string(), rows: count, bytes: count, sha256: z.string() });

const manifest = z.object({
  topic: z.string(),
  partition: count,
  /** How often the topic had been begun anew, and its offsets given out once more. */
  generation: count,
  from: count,
  to: count,
  /** The last message of the range; null: the range has none. */
  last: z.object({ offset: count, ...messageFingerprint.shape }).nullable(),
  files: z.array(rejectedFile),
});
export type RejectedManifest = z.infer<typeof manifest>;

type RejectedRange = Omit<RejectedManifest, 'files'>;

/** Days before it are gone. */
const gone = z.object({ before: day });

const folderOf = (archiveDir: string): string => join(archiveDir, 'rejected');
const manifestsOf = (archiveDir: string): string => join(folderOf(archiveDir), 'manifests');
const goneFile = (archiveDir: string): string => join(folderOf(archiveDir), 'gone.json');
const padded = (n: number, digits: number): string => String(n).padStart(digits, '0');
const nameOf = ({ topic, partition, generation, from }: RejectedRange): string =>
  `${topic}-${partition}-${padded(generation, 4)}-${padded(from, 20)}`;

/** Writes a range: its files by day, and when they are on disk the manifest that makes them count. */
export function writeRejected(archiveDir: string, range: RejectedRange, messages: RejectedMessage[]): RejectedManifest {
  const byDay = new Map<string, RejectedMessage[]>();
  for (const message of messages) {
    const ofDay = byDay.get(dayOf(message.timeMs));
    if (ofDay) ofDay.push(message);
    else byDay.set(dayOf(message.timeMs), [message]);
  }
  const files = [...byDay]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ofDay, rows]) => {
      const text = rows.map(lineOf).join('');
      const bytes = gzipSync(text);
      const path = join(`dt=${ofDay}`, `${nameOf(range)}-${padded(range.to, 20)}.jsonl.gz`);
      const place = join(folderOf(archiveDir), path);
      mkdirSync(dirname(place), { recursive: true });
      replaceFile(place, bytes);
      return { day: ofDay, path, rows: rows.length, bytes: bytes.length, sha256: sha256Hex(bytes) };
    });
  const written = { ...range, files };
  if (!createExclusively(join(manifestsOf(archiveDir), `${nameOf(range)}.json`), written)) {
    throw new Error(`rejected lines of ${range.topic} from ${range.from} were put into files by another process`);
  }
  return written;
}

const lineOf = ({ offset, timeMs, key, value }: RejectedMessage): string => {
  const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;
  return `${JSON.stringify({ offset, time_ms: timeMs, key_base64: base64(key), value_base64: base64(value) })}\n`;
};

/** The manifests of a topic, in the order in which its messages were rejected; of each partition for itself. */
export function rejectedManifests(archiveDir: string, topic: string): RejectedManifest[] {
  const folder = manifestsOf(archiveDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readJson(manifest, join(folder, name)))
    .filter((one) => one.topic === topic);
}

/** The messages of a file; none if its day is gone. Throws for one that is missing, or is not what was written. */
export async function readRejectedFile(
  archiveDir: string,
  { day: ofDay, path, sha256 }: RejectedManifest['files'][number],
): Promise<RejectedMessage[]> {
  if (isGone(archiveDir, ofDay)) return [];
  const place = join(folderOf(archiveDir), path);
  let bytes: Buffer;
  try {
    bytes = await readFile(place);
  } catch (error) {
    // Removed since it was asked.
    if (isGone(archiveDir, ofDay)) return [];
    throw new Error(`${place} is missing: bring it back from a copy of the archive`, { cause: error });
  }
  if (sha256Hex(bytes) !== sha256)
    throw new Error(`${place} is not what was written: bring it back from a copy of the archive`);
  const lines = (await promisify(gunzip)(bytes)).toString().split('\n').slice(0, -1);
  return lines.map((line) => {
    const {
      offset,
      time_ms: timeMs,
      key_base64,
      value_base64,
    } = parsedJson(rejectedMessage, line, `a line of ${place}`);
    const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'));
    return { offset, timeMs, key: bytesOf(key_base64), value: bytesOf(value_base64) };
  });
}

const goneBefore = (archiveDir: string): string => readJsonIfThere(gone, goneFile(archiveDir))?.before ?? '';
const isGone = (archiveDir: string, ofDay: string): boolean => ofDay < goneBefore(archiveDir);

/** Removes the files of days before a day, which goes on record first. Returns the removed days. */
export function dropRejected(archiveDir: string, before: string): string[] {
  const folder = folderOf(archiveDir);
  if (!existsSync(folder)) return [];
  if (before > goneBefore(archiveDir)) writeJsonAtomically(goneFile(archiveDir), { before });
  const old = readdirSync(folder)
    .flatMap((name) => /^dt=(\d{4}-\d{2}-\d{2})$/.exec(name)?.[1] ?? [])
    .filter((ofDay) => isGone(archiveDir, ofDay));
  for (const ofDay of old) rmSync(join(folder, `dt=${ofDay}`), { recursive: true });
  return old;
}
