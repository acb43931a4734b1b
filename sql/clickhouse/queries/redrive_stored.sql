-- Where events of these ids are stored, in raw rows and among copies. The time bounds let the skip index exclude parts
-- without any of them.
SELECT
    event_id,
    ad_id,
    toUnixTimestamp64Milli(click_timestamp) AS click_timestamp,
    user_id,
    ip,
    country,
    topic_partition,
    topic_offset
FROM
(
    SELECT event_id, ad_id, click_timestamp, user_id, ip, country, topic_partition, topic_offset FROM clicks
    WHERE event_id IN {event_ids:Array(String)}
      AND click_timestamp >= fromUnixTimestamp64Milli({first_at:Int64}, 'UTC')
      AND click_timestamp <= fromUnixTimestamp64Milli({last_at:Int64}, 'UTC')
    UNION ALL
    SELECT event_id, ad_id, click_timestamp, user_id, ip, country, topic_partition, topic_offset FROM copies_dropped
    WHERE event_id IN {event_ids:Array(String)}
      AND click_timestamp >= fromUnixTimestamp64Milli({first_at:Int64}, 'UTC')
      AND click_timestamp <= fromUnixTimestamp64Milli({last_at:Int64}, 'UTC')
)
ORDER BY topic_offset
