-- Events of a kind per ad, minute and country, from each of the real-time tables and the view over all of them, for ads
-- with a prefix.
SELECT 'raw' AS store, ad_id, toUnixTimestamp(toStartOfMinute(toDateTime(click_timestamp, 'UTC'))) * 1000 AS minute, country, count() AS clicks
FROM clicks WHERE startsWith(ad_id, {ads:String}) GROUP BY ad_id, minute, country
UNION ALL
SELECT 'minutes by ad', ad_id, toUnixTimestamp(click_minute) * 1000 AS minute, country, sum(clicks) FROM minutes_by_ad WHERE startsWith(ad_id, {ads:String}) GROUP BY ad_id, minute, country
UNION ALL
SELECT 'minutes by minute', ad_id, toUnixTimestamp(click_minute) * 1000 AS minute, country, sum(clicks) FROM minutes_by_minute WHERE startsWith(ad_id, {ads:String}) GROUP BY ad_id, minute, country
UNION ALL
SELECT 'clicks_per_minute', ad_id, toUnixTimestamp(click_minute) * 1000 AS minute, country, clicks FROM clicks_per_minute WHERE startsWith(ad_id, {ads:String})
