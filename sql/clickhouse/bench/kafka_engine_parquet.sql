-- Parquet files written by the view of a Kafka table, one for each block, not by day. Only one consumer at a time
-- writes into such a table, so each consumer needs its own.
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
