-- Raw clicks in the order of the log. topic_partition and topic_offset name the message a row came from, so a range of
-- offsets (what changed, what a run has counted, what to rebuild a memory from) is one range of the primary key; event
-- time and ad are found by skip indexes, which fit well because clicks arrive about when they happen.
-- Partitioned by arrival, never by event time: a back-fill of many years would touch more partitions than one insert may.
CREATE TABLE IF NOT EXISTS ads.clicks
(
    event_id String,
    ad_id String,
    click_timestamp DateTime64(3, 'UTC'),
    user_id String,
    ip String,
    country LowCardinality(String),
    arrived_at DateTime64(3, 'UTC'),
    topic_partition LowCardinality(String),
    topic_offset UInt64,
    INDEX by_click_timestamp click_timestamp TYPE minmax GRANULARITY 1,
    INDEX by_arrived_at arrived_at TYPE minmax GRANULARITY 1,
    INDEX by_ad_id ad_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (topic_partition, topic_offset)
SETTINGS non_replicated_deduplication_window = 100000;

-- Copies of a click that arrived within DEDUPE_WINDOW of it: kept out of ads.clicks, but on record.
CREATE TABLE IF NOT EXISTS ads.copies_dropped AS ads.clicks
ENGINE = MergeTree
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (topic_partition, topic_offset)
SETTINGS non_replicated_deduplication_window = 100000;
