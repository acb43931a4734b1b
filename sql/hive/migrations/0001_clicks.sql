CREATE DATABASE IF NOT EXISTS ads;

-- The archive. The files of a day lie in its folder, whichever partition of the topic they came from; the archive adds
-- a day's partition after the first file is there. Times are epoch milliseconds: no engine's idea of time zones gets in.
CREATE EXTERNAL TABLE IF NOT EXISTS ads.clicks
(
    event_id STRING,
    ad_id STRING,
    click_timestamp BIGINT,
    user_id STRING,
    ip STRING,
    country STRING,
    arrived_at BIGINT,
    topic_partition STRING,
    topic_offset BIGINT
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION '{archive}/clicks'
TBLPROPERTIES ('external.table.purge' = 'false');
