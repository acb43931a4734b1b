SELECT
    (SELECT count() FROM clicks) AS clicks,
    (SELECT sum(clicks) FROM minutes_by_ad) AS minutes_by_ad,
    (SELECT sum(clicks) FROM minutes_by_minute) AS minutes_by_minute
