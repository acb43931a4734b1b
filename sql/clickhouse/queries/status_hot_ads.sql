-- Ads with at least a twentieth of the clicks of the last five minutes.
SELECT ad_id, sum(clicks) AS clicks, round(clicks / any(total), 3) AS share
FROM minutes_by_minute,
     (SELECT sum(clicks) AS total FROM minutes_by_minute WHERE click_minute >= now() - 300 AND click_minute <= now()) AS all_ads
WHERE click_minute >= now() - 300 AND click_minute <= now()
GROUP BY ad_id
HAVING share >= 0.05
ORDER BY clicks DESC, ad_id
LIMIT 20
