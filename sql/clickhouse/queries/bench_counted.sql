SELECT
    (SELECT count() FROM ads.clicks) AS clicks,
    (SELECT sum(clicks) FROM ads.minutes_by_ad) AS minutes_by_ad,
    (SELECT sum(clicks) FROM ads.minutes_by_minute) AS minutes_by_minute
