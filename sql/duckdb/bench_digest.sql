-- What makes two results of counting the same: their rows in whatever order.
SELECT count(*) AS minutes, sum(clicks)::BIGINT AS clicks, bit_xor(hash(concat_ws('|', ad_id, click_minute, country, clicks))) AS digest
FROM read_parquet($paths);
