-- Clicks of an ad by hour of the day (UTC): all 24, also those without clicks.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--
-- share: fraction of all its clicks, 0 to 1 (0 if it has none). Reads ads.clicks_per_minute.
SELECT
    hour_of_day,
    clicks,
    clicks / datediff('${hivevar:to}', '${hivevar:from}') AS clicks_per_day,
    clicks / greatest(sum(clicks) OVER (), 1) AS share
FROM (
    SELECT hour_of_day, sum(clicks_of_hour) AS clicks
    FROM (
        SELECT CAST(click_minute DIV 3600000 % 24 AS INT) AS hour_of_day, clicks AS clicks_of_hour
        FROM ads.clicks_per_minute
        WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}' AND ad_id = '${hivevar:ad}'
        UNION ALL
        SELECT hours.hour_of_day, CAST(0 AS BIGINT) AS clicks_of_hour
        FROM (SELECT 1 AS one) once
        LATERAL VIEW posexplode(split(space(23), ' ')) hours AS hour_of_day, nothing
    ) all_hours
    GROUP BY hour_of_day
) sums
ORDER BY hour_of_day;
