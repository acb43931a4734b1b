import { z } from 'zod';
import { ParseError, parsedJson } from './parse.ts';

/**
 * The version of the messages of the second queue (`ad-minutes`, `ad-tops`) that this release reads and writes. A
 * message carries it as `v`; without, it is of version 1.
 * 2: `closed-to` and `tops-to` carry the `version` of an announcement.
 */
export const MESSAGE_VERSION = 2;

/** The field of each message. */
export const messageVersion = z.int().min(1).max(MESSAGE_VERSION).exactOptional();

/** A message of a later release. It is no fault of the message: it waits until the role that met it is upgraded. */
export class NewerVersionError extends Error {}

/**
 * Reads a message. Throws a NewerVersionError if it is of a later release, and a ParseError if it is none.
 * @param what it is, for the message of the error
 */
export function parsedMessage<Schema extends z.ZodType>(
  schema: Schema,
  value: Buffer | null,
  what: string,
): z.output<Schema> {
  const text = String(value);
  try {
    return parsedJson(schema, text, what);
  } catch (error) {
    const v = versionIn(text);
    if (!(error instanceof ParseError) || v === null || v <= MESSAGE_VERSION) throw error;
    throw new NewerVersionError(
      `a message of version ${v}; this release reads versions up to ${MESSAGE_VERSION}: upgrade this role (nothing was passed over)`,
    );
  }
}

const withVersion = z.object({ v: z.int() });

function versionIn(text: string): number | null {
  try {
    return parsedJson(withVersion, text, 'a message').v;
  } catch {
    return null;
  }
}

/**
 * The version to write, so that everybody who reads can read it.
 * @param readers the highest version that each of them reads; nobody is known while all of them are away
 */
export const versionFor = (readers: readonly number[]): number =>
  readers.length === 0 ? 1 : Math.min(MESSAGE_VERSION, ...readers);

/** What a message of version 2 or later that announces something carries, and nothing before. */
export interface AnnouncementVersion {
  v?: number;
  /** The announcement with the highest version holds. */
  version?: number;
}

const PER_EPOCH = 2 ** 32;

/**
 * Higher than that of every announcement before it, whatever any clock says.
 * @param epoch a number for this start of the publisher, higher than for any start before
 * @param number of the announcement in this epoch
 */
export function announcementVersion(epoch: number, number: number): number {
  const version = epoch * PER_EPOCH + number;
  if (number >= PER_EPOCH || !Number.isSafeInteger(version)) throw new Error(`no version for ${epoch}, ${number}`);
  return version;
}

/** What is known of an announcement; one of version 1, and all of them before, have no version. */
export interface Announced {
  version?: number | undefined;
  watermarkMs: number;
}

/** Whether an announcement replaces another. Those without a version go by their watermarks, and yield to any with one. */
export function replaces(next: Announced, last: Announced): boolean {
  const [a, b] = [next.version ?? 0, last.version ?? 0];
  return a === b ? a > 0 || next.watermarkMs >= last.watermarkMs : a > b;
}
