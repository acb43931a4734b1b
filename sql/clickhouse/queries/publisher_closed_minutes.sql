-- Counts of the minutes [from_ms, to_ms), for all countries or some.
SELECT toUnixTimestamp(click_minute) * 1000 AS minute, ad_id, country, sum(clicks) AS total
FROM minutes_by_minute
WHERE click_minute >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_minute < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
GROUP BY click_minute, ad_id, country
ORDER BY click_minute
