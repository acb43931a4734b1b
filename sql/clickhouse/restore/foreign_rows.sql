-- Raw rows that something else than the restore has written.
SELECT count() AS rows
FROM
(
    SELECT topic_partition, topic_offset FROM clicks
    UNION ALL
    SELECT topic_partition, topic_offset FROM copies_dropped
)
WHERE topic_offset >= {cut:Map(String, UInt64)}[topic_partition]
