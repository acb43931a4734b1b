-- How many rows each minute has, those beyond a cut too.
SELECT click_timestamp - click_timestamp % 60000 AS click_minute, count(*) AS clicks
FROM read_parquet($paths)
GROUP BY click_minute
ORDER BY click_minute;
