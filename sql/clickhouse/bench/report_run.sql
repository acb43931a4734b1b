-- A run of each day, as if Hive had counted: each event of any ad, minute and country, so that nearly each is a row.
INSERT INTO clicks_per_minute_batch
SELECT
    1 AS run,
    concat('ad', toString(cityHash64(number) % {ads:UInt64})) AS ad_id,
    toDateTime({start_s:UInt64} + intDiv(intDiv(number * 86400 * {days:UInt64}, {events:UInt64}), 60) * 60, 'UTC') AS click_minute,
    ['USA', 'DEU', 'FRA', 'GBR', 'IND'][1 + cityHash64(number, 3) % 5] AS country,
    count() AS clicks
FROM numbers({events:UInt64})
GROUP BY ad_id, click_minute, country
