-- Counts of the minutes [from_ms, to_ms), of all countries or some.
SELECT toUnixTimestamp(click_minute) * 1000 AS minute, ad_id, country, sum(clicks) AS total
FROM ads.minutes_by_minute
WHERE click_minute >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_minute < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({any_country:Bool} OR country IN {in_country:Array(String)})
  AND country NOT IN {not_country:Array(String)}
GROUP BY click_minute, ad_id, country
ORDER BY click_minute
