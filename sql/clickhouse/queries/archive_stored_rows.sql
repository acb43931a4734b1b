-- The messages of a range that were counted, each once: clicks, and copies of clicks.
SELECT
    event_id, ad_id, toUnixTimestamp64Milli(click_timestamp) AS click_timestamp, user_id, ip, country,
    toUnixTimestamp64Milli(arrived_at) AS arrived_ms, topic_offset AS offset, annotations
FROM
(
    SELECT * FROM clicks
    WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}
    UNION ALL
    SELECT * FROM copies_dropped
    WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}
)
ORDER BY topic_offset
LIMIT 1 BY topic_offset
