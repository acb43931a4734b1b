-- Clicks that came evenly in a span of time, each when it happened.
INSERT INTO ads.clicks
SELECT
    concat({name:String}, '-', toString(number)) AS event_id,
    concat('ad', toString(cityHash64(number) % {ads:UInt32})) AS ad_id,
    fromUnixTimestamp64Milli(toInt64({start_ms:Int64} + intDiv(number * {span_ms:Int64}, {rows:UInt64}))) AS click_timestamp,
    toString(cityHash64(number, 1) % 100000) AS user_id,
    IPv4NumToString(toUInt32(cityHash64(number, 2))) AS ip,
    ['USA', 'DEU', 'FRA', 'GBR', 'IND'][1 + cityHash64(number, 3) % 5] AS country,
    click_timestamp AS arrived_at,
    concat({name:String}, '-0') AS topic_partition,
    number AS topic_offset
FROM numbers({rows:UInt64})
