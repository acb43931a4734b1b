-- The ads whose clicks changed most from one period to another, up or down.
--
--   from, to                 the period, YYYY-MM-DD (UTC), the end exclusive
--   before_from, before_to   the period it is compared with; as many days, or the counts do not compare
--   n                        how many ads
--
-- change: clicks more (or less) than before; change_share: of those before, null without any. ctr, ctr_before: all clicks
-- of the period divided by all its impressions, null without any. Reads ads.performance_per_minute.
SELECT
    ad_id,
    clicks_before,
    clicks,
    clicks - clicks_before AS change,
    CASE WHEN clicks_before > 0 THEN (clicks - clicks_before) / clicks_before END AS change_share,
    CASE WHEN impressions_before > 0 THEN clicks_before / impressions_before END AS ctr_before,
    CASE WHEN impressions > 0 THEN clicks / impressions END AS ctr
FROM (
    SELECT
        ad_id,
        sum(CASE WHEN dt >= '${hivevar:from}' AND dt < '${hivevar:to}' THEN impressions ELSE 0 END) AS impressions,
        sum(CASE WHEN dt >= '${hivevar:from}' AND dt < '${hivevar:to}' THEN clicks ELSE 0 END) AS clicks,
        sum(CASE WHEN dt >= '${hivevar:before_from}' AND dt < '${hivevar:before_to}' THEN impressions ELSE 0 END)
            AS impressions_before,
        sum(CASE WHEN dt >= '${hivevar:before_from}' AND dt < '${hivevar:before_to}' THEN clicks ELSE 0 END)
            AS clicks_before
    FROM ads.performance_per_minute
    WHERE (dt >= '${hivevar:from}' AND dt < '${hivevar:to}')
       OR (dt >= '${hivevar:before_from}' AND dt < '${hivevar:before_to}')
    GROUP BY ad_id
) periods
ORDER BY abs(clicks - clicks_before) DESC, ad_id
LIMIT ${hivevar:n};
