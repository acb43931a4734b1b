-- The highest stored offset of a partition, from either table, with its arrival; no row if nothing is stored.
SELECT topic_offset AS offset, toUnixTimestamp64Milli(arrived_at) AS arrived_ms
FROM
(
    (
        SELECT topic_offset, arrived_at FROM clicks
        WHERE topic_partition = {topic_partition:String}
        ORDER BY topic_partition DESC, topic_offset DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT topic_offset, arrived_at FROM copies_dropped
        WHERE topic_partition = {topic_partition:String}
        ORDER BY topic_partition DESC, topic_offset DESC LIMIT 1
    )
)
ORDER BY topic_offset DESC
LIMIT 1
