-- ClickHouse's own Kafka engine, and a view that inserts its rows into @TARGET@: at least once. A message is a
-- version byte and the click's fields in RowBinary. Pending rows are written after a second, as by the sink; with a
-- longer interval the measurement would wait for the last block.
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
    kafka_max_block_size = @BLOCK_ROWS@,
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW ads.queue_view_@N@ TO ads.@TARGET@ AS
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
