import { isAbsolute, normalize } from 'node:path';
import { type EventKind, PLURAL } from '../../../domain/event_kinds.ts';

/** A location of cold storage: an absolute path, or an hdfs:// or s3a:// URI. Neither ends in a slash. */
export type Location = string;

const URI = /^(hdfs|s3a):\/\/[\w.-]+(:\d+)?(\/[\w.~+=,@-]+)*$/;
const PATH = /^(\/[\w.~+=,:@-]+)+$/;

export const isLocal = (location: Location): boolean => location.startsWith('/');

/** The location as a URI for Hive. */
export const uriOf = (location: Location): string => (isLocal(location) ? `file://${location}` : location);

/** Throws for an invalid location, with a message for the user. */
export function parseLocation(text: string): Location {
  const bare = text.replace(/\/+$/, '');
  if (/^\w+:\/\//.test(text)) {
    if (URI.test(bare) && !bare.split('/').includes('..')) return bare;
    throw new Error(
      `"${text}" is no location; expected an absolute path, hdfs://host:port/folder or s3a://bucket/folder`,
    );
  }
  if (!isAbsolute(text)) throw new Error(`"${text}" is not an absolute path`);
  const path = normalize(text).replace(/\/+$/, '');
  if (PATH.test(path)) return path;
  throw new Error(`Hive cannot be given the folder "${text}"; use letters, digits and . _ - + = , : @ ~`);
}

/** Where the days of a kind go: the folders of days have the same names for all, so those of other kinds than clicks lie below. */
export const locationOf = (to: Location, event: EventKind): Location =>
  event === 'click' ? to : `${to}/${PLURAL[event]}`;
