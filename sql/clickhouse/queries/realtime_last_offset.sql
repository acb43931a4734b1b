-- The highest stored offset of a partition, from either table; no row if nothing is stored.
SELECT max(topic_offset) AS last
FROM
(
    (
        SELECT topic_offset FROM clicks
        WHERE topic_partition = {topic_partition:String}
        ORDER BY topic_partition DESC, topic_offset DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT topic_offset FROM copies_dropped
        WHERE topic_partition = {topic_partition:String}
        ORDER BY topic_partition DESC, topic_offset DESC LIMIT 1
    )
)
HAVING count() > 0
