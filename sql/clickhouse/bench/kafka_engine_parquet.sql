-- ClickHouse's own Kafka engine into Parquet files, one for each block: at least once, not by day. Only one consumer at a
-- time writes into such a table, so more consumers have a table each. A block is written after a second: with a longer time
-- the last one would be waited for.
CREATE TABLE ads.queue_@N@
(
    version UInt8,
    event_id String,
    ad_id String,
    click_timestamp DateTime64(3, 'UTC'),
    user_id String,
    ip String,
    country LowCardinality(String)
)
ENGINE = Kafka({broker:String}, {topic:String}, {group:String}, 'RowBinary')
SETTINGS
    kafka_num_consumers = @CONSUMERS@,
    kafka_thread_per_consumer = @THREAD_PER_CONSUMER@,
    kafka_max_block_size = 1048576,
    kafka_flush_interval_ms = 1000;

CREATE TABLE ads.archived_@N@
(
    event_id String,
    ad_id String,
    click_timestamp DateTime64(3, 'UTC'),
    user_id String,
    ip String,
    country String,
    arrived_at DateTime64(3, 'UTC'),
    topic_partition String,
    topic_offset UInt64
)
ENGINE = File(Parquet);

CREATE MATERIALIZED VIEW ads.queue_view_@N@ TO ads.archived_@N@ AS
SELECT
    event_id,
    ad_id,
    click_timestamp,
    user_id,
    ip,
    country,
    assumeNotNull(_timestamp_ms) AS arrived_at,
    concat(_topic, '-', toString(_partition)) AS topic_partition,
    _offset AS topic_offset
FROM ads.queue_@N@;
