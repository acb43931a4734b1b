-- The rows that the real-time path would hold for the day: the sink drops duplicates that come soon after each
-- other.
INSERT INTO ads.clicks
    (event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset)
SELECT
    event_id,
    ad_id,
    fromUnixTimestamp64Milli(click_timestamp) AS click_timestamp,
    user_id,
    ip,
    country,
    fromUnixTimestamp64Milli(arrived_at) AS arrived_at,
    topic_partition,
    topic_offset
FROM input('event_id String, ad_id String, click_timestamp Int64, user_id String, ip String, country String,
            arrived_at Int64, topic_partition String, topic_offset UInt64')
WHERE topic_offset % 100 != 99
FORMAT Parquet
