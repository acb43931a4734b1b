SELECT count(*) AS clicks FROM read_parquet($path) WHERE topic_offset < $cut;
