-- Counts, for a filter on addresses or users, of the minutes [from_ms, to_ms) that have clicks in some ranges of
-- offsets: from all raw rows. The outer bounds of these minutes let ClickHouse skip distant rows.
WITH reopened AS
(
    SELECT toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute, ad_id, country
    FROM clicks
    WHERE ({ranges})
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
)
SELECT toUnixTimestamp(toStartOfMinute(toDateTime(click_timestamp, 'UTC'))) * 1000 AS minute, ad_id, country,
       count() AS total
FROM clicks
WHERE (toStartOfMinute(toDateTime(click_timestamp, 'UTC')), ad_id, country) IN (SELECT click_minute, ad_id, country FROM reopened)
  AND click_timestamp >= (SELECT min(click_minute) FROM reopened)
  AND click_timestamp < (SELECT max(click_minute) + INTERVAL 1 MINUTE FROM reopened)
  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
GROUP BY minute, ad_id, country
ORDER BY minute
