-- Ads compared month by month (UTC), also months without clicks.
--
--   ads    comma-separated ad ids without spaces, such as ad001,ad002
--   from   first month, by its first day, YYYY-MM-01
--   to     end month, exclusive, by its first day
--
-- change: relative to the previous month, 0.5 is 50 % more; null in the first month and after one without clicks.
-- share: fraction of the clicks of all these ads in the month, 0 to 1. Reads ads.clicks_per_minute.
SELECT
    ad_id,
    month,
    clicks,
    clicks / lag(clicks) OVER (PARTITION BY ad_id ORDER BY month) - 1 AS change,
    clicks / greatest(sum(clicks) OVER (PARTITION BY month), 1) AS share
FROM (
    SELECT ad_id, month, sum(clicks_of_minute) AS clicks
    FROM (
        SELECT ad_id, substr(dt, 1, 7) AS month, clicks AS clicks_of_minute
        FROM ads.clicks_per_minute
        WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}' AND array_contains(split('${hivevar:ads}', ','), ad_id)
        UNION ALL
        SELECT ads.ad_id, substr(CAST(add_months('${hivevar:from}', months.number) AS STRING), 1, 7) AS month,
            CAST(0 AS BIGINT) AS clicks_of_minute
        FROM (SELECT 1 AS one) once
        LATERAL VIEW explode(split('${hivevar:ads}', ',')) ads AS ad_id
        LATERAL VIEW posexplode(
            split(space(CAST(months_between('${hivevar:to}', '${hivevar:from}') AS INT) - 1), ' ')
        ) months AS number, nothing
    ) minutes
    GROUP BY ad_id, month
) sums
ORDER BY ad_id, month;
