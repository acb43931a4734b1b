-- The rows of a report by ad, as somebody who knows the tables writes it: no runs, receipts, filters or kept rows.
SELECT ad_id, sum(impressions) AS impressions, sum(clicks) AS clicks, clicks / impressions AS ctr
FROM
(
    SELECT ad_id, sum(clicks) AS clicks, 0 AS impressions
    FROM ads.clicks_per_minute_batch
    WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}
    GROUP BY ad_id
    UNION ALL
    SELECT ad_id, 0 AS clicks, sum(clicks) AS impressions
    FROM ads_impressions.clicks_per_minute_batch
    WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}
    GROUP BY ad_id
)
GROUP BY ad_id
ORDER BY impressions DESC, ad_id
LIMIT 100
