-- A run's minutes aggregated by hour. In table order, so that one key at a time is in memory.
SELECT toUnixTimestamp(toStartOfHour(click_minute)) * 1000 AS hour, ad_id, country, sum(clicks) AS total
FROM clicks_per_minute_batch
WHERE _partition_id = {partition:String}
GROUP BY ad_id, toStartOfHour(click_minute), country
SETTINGS optimize_aggregation_in_order = 1
