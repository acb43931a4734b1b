-- A run of each day, as if Hive had counted the real-time clicks.
INSERT INTO ads.clicks_per_minute_batch
SELECT 1 AS run, ad_id, click_minute, country, sum(clicks) AS clicks
FROM ads.minutes_by_ad
GROUP BY ad_id, click_minute, country
