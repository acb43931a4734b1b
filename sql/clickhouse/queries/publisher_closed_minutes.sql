-- Every count of the minutes [closed_from, closed_to).
SELECT toUnixTimestamp(click_minute) * 1000 AS minute, ad_id, country, sum(clicks) AS total
FROM ads.minutes_by_minute
WHERE click_minute >= fromUnixTimestamp64Milli({closed_from:Int64}, 'UTC')
  AND click_minute < fromUnixTimestamp64Milli({closed_to:Int64}, 'UTC')
GROUP BY click_minute, ad_id, country
ORDER BY click_minute
