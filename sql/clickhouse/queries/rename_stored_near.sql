-- A stored row of the messages [from, to) near a middle: the lowest one from there on, else the highest below it.
SELECT topic_offset AS offset, toUnixTimestamp64Milli(arrived_at) AS arrived_ms
FROM
(
    SELECT topic_offset, arrived_at FROM clicks
    WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}
    UNION ALL
    SELECT topic_offset, arrived_at FROM copies_dropped
    WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}
)
ORDER BY
    topic_offset < {middle:UInt64},
    if(topic_offset >= {middle:UInt64}, topic_offset - {middle:UInt64}, {middle:UInt64} - topic_offset)
LIMIT 1
