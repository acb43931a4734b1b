-- The identity hash of each counted click, as the sink computes it over the message's bytes (xxHash64 of the
-- RowBinary fields), and its arrival. In arrival order, since the memory forgets with time.
SELECT
    xxHash64(concat(
        char(length(event_id)), event_id,
        char(length(ad_id)), ad_id,
        reinterpretAsFixedString(toUnixTimestamp64Milli(click_timestamp)),
        char(length(user_id)), user_id,
        char(length(ip)), ip,
        char(length(country)), country)) AS identity_hash,
    toUnixTimestamp64Milli(arrived_at) AS arrived
FROM clicks
WHERE topic_partition = {topic_partition:String}
  AND topic_offset < {offset:UInt64}
  AND arrived_at >= fromUnixTimestamp64Milli({arrived_after:Int64}, 'UTC')
ORDER BY topic_partition, topic_offset
FORMAT RowBinary
