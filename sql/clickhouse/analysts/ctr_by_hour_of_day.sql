-- Impressions, clicks and CTR by hour of the day (UTC): all 24, also those without events.
--
--   ad     ad id; empty: all ads
--   from   first day, YYYY-MM-DD
--   to     end day, exclusive
--
-- ctr: all clicks of the hour divided by all its impressions, null without any; a mean of ratios would be another number.
-- Reads ads.performance_per_minute.
SELECT
    hour,
    sum(impressions_of_hour) AS impressions,
    sum(clicks_of_hour) AS clicks,
    clicks / nullIf(impressions, 0) AS ctr
FROM
(
    SELECT toHour(minute) AS hour, one.impressions AS impressions_of_hour, one.clicks AS clicks_of_hour
    FROM ads.performance_per_minute AS one
    WHERE minute >= {from:Date} AND minute < {to:Date} AND ({ad:String} = '' OR ad_id = {ad:String})
    UNION ALL
    SELECT toUInt8(number), 0, 0 FROM numbers(24)
)
GROUP BY hour
ORDER BY hour;
