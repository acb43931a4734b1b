-- The share of the ad with the most events of the last five minutes; 0: there were none.
SELECT if(sum(clicks) = 0, 0, max(clicks) / sum(clicks)) AS share
FROM
(
    SELECT sum(clicks) AS clicks
    FROM minutes_by_minute
    WHERE click_minute >= now() - 300 AND click_minute <= now()
    GROUP BY ad_id
)
