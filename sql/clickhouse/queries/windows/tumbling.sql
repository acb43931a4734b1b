-- Clicks of an ad in tumbling windows: adjacent, each click in exactly one.
--
--   ad     ad id
--   from   start, YYYY-MM-DD hh:mm:ss UTC
--   to     end, exclusive
--   size   window length in minutes; windows begin at its multiples since 1970 (of 5: at :00, :05, :10)
--
-- Only windows entirely in [from, to) that have clicks. Reads ads.clicks_per_minute.
SELECT
    toDateTime(intDiv(toUnixTimestamp(click_minute), 60 * {size:UInt32}) * 60 * {size:UInt32}, 'UTC') AS window_from,
    window_from + toIntervalMinute({size:UInt32}) AS window_to,
    sum(clicks) AS clicks
FROM ads.clicks_per_minute
WHERE ad_id = {ad:String} AND click_minute >= {from:DateTime('UTC')} AND click_minute < {to:DateTime('UTC')}
GROUP BY window_from
HAVING window_from >= {from:DateTime('UTC')} AND window_to <= {to:DateTime('UTC')}
ORDER BY window_from;
