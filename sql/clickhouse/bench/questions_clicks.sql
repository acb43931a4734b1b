-- The same number of clicks on each day, in log order. Half of them are for the few busy ads, the others for many.
INSERT INTO ads.clicks
    (event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset)
SELECT
    toString(number) AS event_id,
    if(number % 2 = 0, concat('busy', toString(cityHash64(number) % {busy_ads:UInt32})),
                       concat('ad', toString(cityHash64(number) % {ads:UInt32}))) AS ad_id,
    fromUnixTimestamp64Milli(toInt64({start_ms:Int64} + intDiv(number * 86400000, {clicks_per_day:UInt64}))) AS click_timestamp,
    toString(cityHash64(number, 1) % 100000) AS user_id,
    IPv4NumToString(toUInt32(cityHash64(number, 2))) AS ip,
    ['USA', 'DEU', 'FRA', 'GBR', 'IND'][1 + cityHash64(number, 3) % 5] AS country,
    now64(3) AS arrived_at,
    'clicks-0' AS topic_partition,
    number AS topic_offset
FROM numbers({days:UInt64} * {clicks_per_day:UInt64})
