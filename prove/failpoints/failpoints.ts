/**
 * Failpoints: places between two durable steps of a process. For each, the event that preload.mjs recognises it by. The
 * first of each list is the most critical one.
 */
const RUN = {
  'after the commit point': 'after link published',
  'before the commit point': 'before link published',
  'after its cut is on disk': 'after link run',
  'after its first event in the ledger': 'after link ledger',
  "after ClickHouse's copy of the ledger": 'after insert published',
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
  'after its hours are sent': 'after produce hours',
  'after the alias is announced': 'after produce run-current',
  'after Hive follows': 'before rename followed',
};

export const FAILPOINTS = {
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
    'before its tops': 'before produce ad-tops',
    'after its tops': 'after produce ad-tops',
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

/** Failpoints of a replay, and of the sink that exchanges its tables; given as events. */
export const REPLAY_FAILPOINTS = {
  replay: {
    'after its number is taken': 'after link replay-begun',
    'after its first row on record': 'after insert replays',
    'while it makes its tables': 'after replay stage',
    'while it clones, the sink standing': 'after replay clone',
    'after it let the sink go on': 'after insert sink_pauses',
    'before the days are taken out': 'before replay forget',
    'after clicks are staged': 'after replay clicks',
    'after Elasticsearch was told': 'after produce realtime-given-up',
    'before the commit point': 'before link replay-ended',
    'after the commit point': 'after link replay-ended',
    'after the exchange': 'before insert done',
    'after it is on record as done': 'after insert done',
  },
  realtime: {
    'before the first table': 'before exchange copies_dropped',
    'between two tables': 'after exchange minutes_by_ad',
    'after a table was exchanged and dropped': 'after exchange drop',
    'before the clicks': 'before exchange clicks',
    'after the clicks': 'after exchange clicks',
    'after all': 'after exchange end',
  },
} as const;

/** Failpoints of a restore of ClickHouse; given as events. */
export const RESTORE_FAILPOINTS = {
  'after it is on record': 'after link restore-begun',
  "after ClickHouse's copy of the ledger": 'after insert ledger',
  'before it is decided up to where': 'before restore cut',
  'after it is decided up to where': 'after restore cut',
  'after clicks of the first days': 'after insert clicks',
  'after the first day': 'after restore raw',
  'after Elasticsearch was told': 'after produce realtime-given-up',
  'after the offsets of the sink': 'after commit',
  "after the publisher's progress": 'after insert publisher_progress',
  'before the sink may count': 'before restore filled',
  'after the sink may count': 'after restore filled',
  'after minutes of a run': 'after insert clicks_per_minute_batch',
  'after the files of a run': 'after insert run_inputs',
  'before the runs of a day are on record': 'before restore minutes',
  'after the runs of a day are on record': 'after restore minutes',
  'before it is on record that all was counted again': 'before restore realtime',
  'before the end': 'before restore ended',
  'after the end': 'after restore ended',
} as const;

/** Points of a restore of a Kafka that was lost. */
export const KAFKA_RESTORE_FAILPOINTS = {
  'after it is on record': 'after link kafka-lost',
  'after the other one is on record': 'after link kafka-taken',
  'before what ClickHouse has is archived': 'before link manifest',
  'after what ClickHouse has of a log is archived': 'after link manifest',
  'after the new name of a log': 'after link log-name',
  'after the offsets of the sink': 'after commit',
  'before lines are sent again': 'before produce clicks',
  'after lines were sent again': 'after produce clicks',
  'before the end': 'before link kafka-replaced',
  'after the end': 'after link kafka-replaced',
} as const;

export type FailpointTarget = keyof typeof FAILPOINTS;
export const FAILPOINT_TARGETS = Object.keys(FAILPOINTS) as FailpointTarget[];

export const failpointsOf = (target: FailpointTarget): string[] => Object.keys(FAILPOINTS[target]);
export const eventOf = (target: FailpointTarget, point: string): string => {
  const event = (FAILPOINTS[target] as Record<string, string>)[point];
  if (event === undefined) throw new Error(`${target} has no point "${point}"`);
  return event;
};
