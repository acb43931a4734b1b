-- All kinds of events per ad, minute and country, as analysts see them side by side.
SELECT ad_id, toUnixTimestamp(minute) * 1000 AS minute_ms, country, impressions, clicks, conversions
FROM ads.performance_per_minute
