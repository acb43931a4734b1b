-- Counts of the minutes [from_ms, to_ms) that have clicks in some ranges of offsets, which came after the minutes
-- had been published. For all countries or some.
SELECT toUnixTimestamp(click_minute) * 1000 AS minute, ad_id, country, sum(clicks) AS total
FROM minutes_by_minute
WHERE (click_minute, ad_id, country) IN
(
    SELECT toStartOfMinute(toDateTime(click_timestamp, 'UTC')), ad_id, country
    FROM clicks
    WHERE ({ranges})
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND ads_matches_country({filter:Map(String, Array(String))}, country)
)
GROUP BY click_minute, ad_id, country
ORDER BY click_minute
