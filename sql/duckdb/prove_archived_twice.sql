-- Messages that are archived more than once.
SELECT (count(*) - count(DISTINCT (topic_partition, topic_offset)))::DOUBLE AS messages FROM read_parquet($files);
