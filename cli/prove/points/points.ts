/**
 * The points at which a process holds something in its hands: between two of its durable steps. For each, the event
 * that preload.mjs knows it by. The first of each list is the one where most is at stake.
 */
const RUN = {
  'after the commit point': 'before produce run-current',
  'before the commit point': 'before insert published',
  'after its cut is on disk': 'after link run',
  'after its first row in the ledger': 'after insert ledger',
  "before Hive's copy of the ledger": 'before rename batch-runs',
  'after it asked for a flush': 'after rename flush-request',
  'after Hive has counted': 'before rename counted',
  'after the count is on disk': 'after rename counted',
  'before it loads ClickHouse': 'before insert clicks_per_minute_batch',
  'after it loaded ClickHouse': 'after insert clicks_per_minute_batch',
  'before its reconciliation is kept': 'before insert reconciliations',
  'after its reconciliation is kept': 'after insert reconciliations',
  'before its minutes are sent': 'before produce minutes',
  'after its minutes are sent': 'after produce minutes',
  'after the alias is announced': 'after produce run-current',
  'after Hive follows': 'before rename followed',
};

export const POINTS = {
  ingest: {
    'after the send': 'after produce clicks',
    'before the send': 'before produce clicks',
    'after the checkpoint': 'after checkpoint',
  },
  realtime: {
    'after the insert': 'after insert clicks',
    'before the intent': 'before intent',
    'after the intent': 'after intent',
    'before the commit': 'before commit',
    'after the commit': 'after commit',
  },
  archive: {
    'before the manifest': 'before link manifest',
    'after the manifest': 'after link manifest',
    'before a rename': 'before rename parquet',
    'after a rename': 'after rename parquet',
  },
  publisher: {
    'after the send': 'after produce minutes',
    'before the send': 'before produce minutes',
    'before its progress': 'before insert publisher_progress',
    'after its progress': 'after insert publisher_progress',
  },
  indexer: {
    'after the documents': 'after bulk',
    'before the documents': 'before bulk',
    'before the boundary': 'before boundary',
    'after the boundary': 'after boundary',
    'before the commit': 'before commit',
    'after the commit': 'after commit',
    'before the alias': 'before alias',
    'after the alias': 'after alias',
  },
  nightly: RUN,
  rebuild: RUN,
} satisfies Record<string, Record<string, string>>;

export type Pointed = keyof typeof POINTS;
export const POINTED = Object.keys(POINTS) as Pointed[];

export const pointsOf = (target: Pointed): string[] => Object.keys(POINTS[target]);
export const eventOf = (target: Pointed, point: string): string => {
  const event = (POINTS[target] as Record<string, string>)[point];
  if (event === undefined) throw new Error(`${target} has no point "${point}"`);
  return event;
};
