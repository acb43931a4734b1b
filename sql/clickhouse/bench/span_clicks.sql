-- Clicks spread evenly over a period and over the partitions of a topic, each arriving when it happened. Each
-- partition has `offsets` offsets, from 0 on, in order of arrival: several clicks share one if there are more
-- clicks.
INSERT INTO ads.clicks
    (event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset)
SELECT
    concat({topic:String}, '-', toString(number)) AS event_id,
    concat('ad', toString(cityHash64(number) % {ads:UInt32})) AS ad_id,
    fromUnixTimestamp64Milli(toInt64({start_ms:Int64} + intDiv(number * {span_ms:Int64}, {rows:UInt64}))) AS click_timestamp,
    toString(cityHash64(number, 1) % 100000) AS user_id,
    IPv4NumToString(toUInt32(cityHash64(number, 2))) AS ip,
    ['USA', 'DEU', 'FRA', 'GBR', 'IND'][1 + cityHash64(number, 3) % 5] AS country,
    click_timestamp AS arrived_at,
    concat({topic:String}, '-', toString(number % {partitions:UInt32})) AS topic_partition,
    intDiv(number * {offsets:UInt64}, {rows:UInt64}) AS topic_offset
FROM numbers({rows:UInt64})
