SELECT count(*) AS documents, sum(clicks)::BIGINT AS clicks FROM read_parquet($paths);
