-- Number of rows of each minute, including those at or after a cut.
SELECT click_timestamp - click_timestamp % 60000 AS click_minute, count(*) AS clicks
FROM read_parquet($paths)
GROUP BY click_minute
ORDER BY click_minute;
