-- Impressions, clicks and CTR by hour of the day (UTC): all 24, also those without events.
--
--   ad     ad id; empty: all ads
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--
-- ctr: all clicks of the hour divided by all its impressions, null without any; a mean of ratios would be another number.
-- Reads ads.performance_per_minute.
SELECT
    hour_of_day,
    impressions,
    clicks,
    CASE WHEN impressions > 0 THEN clicks / impressions END AS ctr
FROM (
    SELECT hour_of_day, sum(impressions_of_hour) AS impressions, sum(clicks_of_hour) AS clicks
    FROM (
        SELECT CAST(`minute` DIV 3600000 % 24 AS INT) AS hour_of_day,
            impressions AS impressions_of_hour, clicks AS clicks_of_hour
        FROM ads.performance_per_minute
        WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}'
          AND ('${hivevar:ad}' = '' OR ad_id = '${hivevar:ad}')
        UNION ALL
        SELECT hours.hour_of_day, CAST(0 AS BIGINT) AS impressions_of_hour, CAST(0 AS BIGINT) AS clicks_of_hour
        FROM (SELECT 1 AS one) once
        LATERAL VIEW posexplode(split(space(23), ' ')) hours AS hour_of_day, nothing
    ) all_hours
    GROUP BY hour_of_day
) sums
ORDER BY hour_of_day;
