/**
 * Files of engine tests run in parallel on one platform, each with its own topics, ads and days. These run one at a
 * time, after the others: each interferes with something that all share. Those that wait most come
 * first: files of the other lane, which want the processors, run beside them.
 */
export const ALONE: Record<string, string> = {
  'test/replay_kills.engines.test.ts': 'kills the sink and replays',
  'test/backup.engines.test.ts': 'sends rejected lines, which others count',
  'test/documents.engines.test.ts': 'asks for all ads, and registers a filter',
  'test/alerts.engines.test.ts': 'has the publisher hang, and kills the log monitor',
  'test/annotations.engines.test.ts': 'has the sink pause',
  'audit/conservation.engines.test.ts': 'compares the counts of the whole platform, and damages them',
  'test/replay.engines.test.ts': 'has the sink pause',
  'test/replay_bad_inputs.engines.test.ts': 'has the sink pause',
  'cli/cli.engines.test.ts': 'expects every role to run',
  'test/other_users.engines.test.ts': 'opens DATA_DIR for a moment',
  'test/web_page.engines.test.ts': 'expects every role to run, and no index to go meanwhile',
  'test/dashboard_speed.engines.test.ts': 'measures time',
  'serving/api/starving.engines.test.ts': 'measures time',
  'test/elasticsearch_nodes.engines.test.ts': 'starts three more nodes of Elasticsearch',
  'test/end_to_end.engines.test.ts': 'compares the counts of the whole platform, and kills the log monitor',
  'test/kill_matrix.engines.test.ts': 'kills every role',
  'batch/archive/full_range.engines.test.ts': 'takes twenty seconds of a processor, and the memory of a full range',
  'test/publishing.engines.test.ts': 'kills whatever publishes a run',
  'test/backfill.engines.test.ts': 'fills the platform with old clicks, which would delay every other test',
};

/** These do not need the platform that all share. They run one at a time beside the former, which mostly wait. */
export const APART: Record<string, string> = {
  'test/restore.engines.test.ts': 'has a platform of its own, whose ClickHouse it empties',
  'test/kafka_lost.engines.test.ts': 'has a platform of its own, whose Kafka it empties',
  'test/lost_with_kafka.engines.test.ts': 'has a platform of its own, whose engines it empties',
  'test/lost_together.engines.test.ts': 'has a platform of its own, whose engines it empties',
  'test/event_kinds.engines.test.ts': 'all kinds of events, on the second platform',
  'test/year.engines.test.ts': 'has a platform of its own, whose clock it moves',
  'test/upgrade.engines.test.ts': 'has a platform of its own: first one of release 0.1.0, then one of today',
  'test/other_node.engines.test.ts': 'runs the unit tests, and has a platform of its own',
  'bench/bench.engines.test.ts': 'has engines of its own',
  'test/secured.engines.test.ts': 'has engines of its own, with TLS and passwords, and a platform on them',
};

/** Names of lanes. */
export const SIDE_BY_SIDE_LANE = 'engines';
export const APART_LANE = 'apart';

/** Only in `npm run test:all`: slow tests that hardly ever fail when the others pass. */
export const LONG: Record<string, string> = {
  'batch/archive/cold/cold.engines.test.ts': 'cold days on folders, HDFS and S3',
  'bench/bench.engines.test.ts': 'benchmarks on a small scale, with their own engines',
  'audit/cold_sizes.engines.test.ts': 'a day on HDFS',
  'test/backfill.engines.test.ts': 'five years of old clicks',
  'test/full_disk.engines.test.ts': 'full disks',
  'test/kill_matrix.engines.test.ts': 'a kill at every point of every role',
  'test/publishing.engines.test.ts': 'ten publishes and roll-backs under kills',
  'test/replay_kills.engines.test.ts': 'a kill at every point of a replay',
  'test/event_kinds.engines.test.ts': 'impressions, clicks and conversions on a platform of their own',
  'test/other_node.engines.test.ts': 'unit tests and a start on the other Node',
  'test/upgrade.engines.test.ts': 'the data of release 0.1.0, under the code of today',
};

/** Only in `npm run test:release`: minutes for what few changes touch. */
export const RELEASE: Record<string, string> = {
  'test/restore.engines.test.ts':
    'ClickHouse, Elasticsearch and a metastore lost, and a kill at each point of the way back',
  'test/kafka_lost.engines.test.ts': 'Kafka lost, with clicks that only it had, and a kill at each point of the way on',
  'test/lost_with_kafka.engines.test.ts': 'Kafka lost together with each of the other engines',
  'test/lost_together.engines.test.ts': 'the other engines lost two at a time, and a whole machine',
  'test/elasticsearch_nodes.engines.test.ts': 'a cluster of three nodes, one of which is killed',
  'test/year.engines.test.ts': 'four hundred days, with nights, late clicks, retention and restarts',
  'test/secured.engines.test.ts': 'engines with TLS, private authorities and passwords, and every fault of them',
  'test/dashboard_speed.engines.test.ts': 'the dashboard with a hundred thousand ads',
  'serving/api/starving.engines.test.ts': 'quick questions beside slow ones that take all processors',
};

/** Started first in their lane, so that the lane does not end with one of them alone. */
export const FIRST = [
  'test/engines_away.engines.test.ts',
  'test/filter_rows.engines.test.ts',
  'batch/archive/cold/cold.engines.test.ts',
  'batch/rebuild/rebuild.engines.test.ts',
  'batch/reconcile/reconcile.engines.test.ts',
];
