-- Ads compared month by month (UTC), also months without clicks.
--
--   ads    ad ids, such as ['ad001','ad002']
--   from   first month, by its first day, YYYY-MM-01
--   to     end month, exclusive, by its first day
--
-- change: relative to the previous month, 0.5 is 50 % more; null in the first month and after one without clicks.
-- share: fraction of the clicks of all these ads in the month, 0 to 1. Reads ads.clicks_per_minute.
SELECT
    ad_id,
    month,
    clicks,
    clicks / nullIf(lagInFrame(toNullable(clicks)) OVER (PARTITION BY ad_id ORDER BY month), 0) - 1 AS change,
    clicks / greatest(sum(clicks) OVER (PARTITION BY month), 1) AS share
FROM
(
    SELECT ad_id, month, sum(clicks_of_minute) AS clicks
    FROM
    (
        SELECT ad_id, toStartOfMonth(click_minute) AS month, clicks AS clicks_of_minute
        FROM ads.clicks_per_minute
        WHERE has({ads:Array(String)}, ad_id) AND click_minute >= {from:Date} AND click_minute < {to:Date}
        UNION ALL
        SELECT arrayJoin({ads:Array(String)}), addMonths({from:Date}, number), 0
        FROM numbers(dateDiff('month', {from:Date}, {to:Date}))
    )
    GROUP BY ad_id, month
)
ORDER BY ad_id, month;
