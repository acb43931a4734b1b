-- Clicks of an ad by hour of the day (UTC): all 24, also those without clicks.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD
--   to     end day, exclusive
--
-- share: fraction of all its clicks, 0 to 1 (0 if it has none). Reads ads.clicks_per_minute.
SELECT
    hour,
    sum(clicks_of_hour) AS clicks,
    clicks / dateDiff('day', {from:Date}, {to:Date}) AS clicks_per_day,
    clicks / greatest(sum(clicks) OVER (), 1) AS share
FROM
(
    SELECT toHour(click_minute) AS hour, clicks AS clicks_of_hour
    FROM ads.clicks_per_minute
    WHERE ad_id = {ad:String} AND click_minute >= {from:Date} AND click_minute < {to:Date}
    UNION ALL
    SELECT toUInt8(number), 0 FROM numbers(24)
)
GROUP BY hour
ORDER BY hour;
