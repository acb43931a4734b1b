import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EVENT_KINDS } from '../../domain/event_kinds.ts';
import { count, time } from '../../domain/fields.ts';
import { readJson } from '../../infra/files.ts';

export const TABLES = ['reconciliations', 'run_requests', 'replays'] as const;

const kind = z.enum(EVENT_KINDS);
const inFile = { file: z.string().regex(/^[a-z0-9_.-]+$/), rows: count, bytes: count, sha256: z.string() };

/** A file of lines, each of JSON, and what they are. */
const part = z.discriminatedUnion('what', [
  z.object({ what: z.literal('table'), event: kind, table: z.enum(TABLES), columns: z.array(z.string()), ...inFile }),
  z.object({ what: z.literal('archive'), event: kind, ...inFile }),
  z.object({ what: z.enum(['rejected', 'register', 'checkpoints']), ...inFile }),
]);
export type Part = z.infer<typeof part>;

export const backupManifest = z.object({
  version: z.literal(1),
  /** Names the databases that it is brought back into to be verified. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** Which platform it is of. */
  platform: z.string(),
  taken_at: time,
  /** Counted, and only in Kafka; null: Kafka did not say. */
  not_archived: z.record(z.string(), count.nullable()),
  parts: z.array(part),
});
export type BackupManifest = z.infer<typeof backupManifest>;

export const MANIFEST = 'manifest.json';
/** A backup has this name until it is whole. */
export const UNFINISHED = '.unfinished-';

const STAMP = /^\d{8}T\d{9}Z$/;
/** `20260131T020000123Z`: names of backups are in the order of their times. */
export const stampOf = (takenAt: string): string => takenAt.replace(/[-:.]/g, '');

/** Whole backups in a folder, oldest first. */
export const backupsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => STAMP.test(name) && existsSync(join(folder, name, MANIFEST)))
        .sort()
        .map((name) => join(folder, name))
    : [];

/** The folder itself, if it is a backup, or the newest in it. */
export function backupAt(folder: string): { folder: string; manifest: BackupManifest } {
  const found = existsSync(join(folder, MANIFEST)) ? folder : backupsIn(folder).at(-1);
  if (found === undefined) throw new Error(`there is no whole backup in ${folder}: "backup --to ${folder}" takes one`);
  return { folder: found, manifest: readJson(backupManifest, join(found, MANIFEST)) };
}

/** What a part is called for people. */
export function partName(of: Part): string {
  if (of.what === 'table') return `${of.table} (${of.event})`;
  return of.what === 'archive' ? `list of the archive (${of.event})` : WHAT[of.what];
}

const WHAT = {
  rejected: 'rejected lines',
  register: 'register',
  checkpoints: 'checkpoints of the log monitor',
} as const;
