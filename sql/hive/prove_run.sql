SELECT ad_id, CAST(click_minute AS STRING) AS minute, country, CAST(clicks AS STRING) AS clicks
FROM clicks_per_minute
WHERE dt = {day}
