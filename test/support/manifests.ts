import type { ArchivedFile, Manifest } from '../../batch/archive/files/manifest.ts';

/** A file of a manifest, of which only the named facts matter. */
export const fileEntry = (day: string, facts: Partial<ArchivedFile> = {}): ArchivedFile => ({
  day,
  path: '',
  aside: '',
  rows: 1,
  bytes: 1,
  sha256: '',
  min_topic_offset: 0,
  max_topic_offset: 0,
  ...facts,
});

/** A range of `clicks` without rejected messages, of which only the named facts matter. */
export const manifestOf = (partition: number, from: number, to: number, facts: Partial<Manifest> = {}): Manifest => ({
  topic: 'clicks',
  partition,
  from,
  to,
  rows: to - from,
  rejected: 0,
  arrived_from: 0,
  arrived_to: 0,
  files: [],
  ...facts,
});
