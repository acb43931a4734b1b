-- Clicks of one range of one partition, in log order.
SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_offset
FROM read_parquet($paths)
WHERE topic_offset >= $from_offset AND topic_offset < $to_offset
ORDER BY topic_offset;
