-- Counts of the minutes [from_ms, to_ms) for a filter on addresses or users: from all raw rows.
SELECT toUnixTimestamp(toStartOfMinute(toDateTime(click_timestamp, 'UTC'))) * 1000 AS minute, ad_id, country,
       count() AS total
FROM clicks
WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
GROUP BY minute, ad_id, country
ORDER BY minute
