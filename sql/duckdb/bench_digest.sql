-- A digest of a result of counting, independent of the order of its rows.
SELECT count(*) AS minutes, sum(clicks)::BIGINT AS clicks, bit_xor(hash(concat_ws('|', ad_id, click_minute, country, clicks))) AS digest
FROM read_parquet($paths);
