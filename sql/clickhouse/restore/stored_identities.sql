-- The identity hash of each stored message of a log since a time, as in realtime_memory.sql; of copies too.
SELECT
    toString(xxHash64(concat(
        char(length(event_id)), event_id,
        char(length(ad_id)), ad_id,
        reinterpretAsFixedString(toUnixTimestamp64Milli(click_timestamp)),
        char(length(user_id)), user_id,
        char(length(ip)), ip,
        char(length(country)), country))) AS identity_hash
FROM
(
    SELECT * FROM clicks
    WHERE topic_partition = {topic_partition:String}
      AND arrived_at >= fromUnixTimestamp64Milli({arrived_after:Int64}, 'UTC')
    UNION ALL
    SELECT * FROM copies_dropped
    WHERE topic_partition = {topic_partition:String}
      AND arrived_at >= fromUnixTimestamp64Milli({arrived_after:Int64}, 'UTC')
)
