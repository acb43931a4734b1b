INSERT INTO clicks_per_minute_batch (run, ad_id, click_minute, country, clicks)
SELECT {run:UInt32}, ad_id, fromUnixTimestamp64Milli(click_minute, 'UTC'), country, clicks
FROM input('ad_id String, click_minute Int64, country String, clicks UInt64')
FORMAT Parquet
