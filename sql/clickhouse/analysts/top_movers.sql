-- The ads whose clicks changed most from one period to another, up or down.
--
--   from, to                 the period, YYYY-MM-DD, the end exclusive
--   before_from, before_to   the period it is compared with; as many days, or the counts do not compare
--   n                        how many ads
--
-- change: clicks more (or less) than before; change_share: of those before, null without any. ctr, ctr_before: all clicks
-- of the period divided by all its impressions, null without any. Reads ads.performance_per_minute.
SELECT
    ad_id,
    sum(clicks_then) AS clicks_before,
    sum(clicks_since) AS clicks,
    toInt64(clicks) - toInt64(clicks_before) AS change,
    change / nullIf(clicks_before, 0) AS change_share,
    clicks_before / nullIf(sum(impressions_then), 0) AS ctr_before,
    clicks / nullIf(sum(impressions_since), 0) AS ctr
FROM
(
    SELECT ad_id, 0 AS impressions_then, 0 AS clicks_then, one.impressions AS impressions_since, one.clicks AS clicks_since
    FROM ads.performance_per_minute AS one
    WHERE minute >= {from:Date} AND minute < {to:Date}
    UNION ALL
    SELECT ad_id, one.impressions, one.clicks, 0, 0
    FROM ads.performance_per_minute AS one
    WHERE minute >= {before_from:Date} AND minute < {before_to:Date}
)
GROUP BY ad_id
ORDER BY abs(change) DESC, ad_id
LIMIT {n:UInt32};
