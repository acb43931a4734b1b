-- What makes two results of counting the same: their rows in whatever order.
SELECT count(*) AS minutes, sum(clicks)::BIGINT AS clicks, bit_xor(hash(ad_id, click_minute, country, clicks::BIGINT)) AS digest
FROM read_parquet($paths);
