-- Clicks of an ad in tumbling windows: side by side, each click in one of them.
--
--   ad     ad id
--   from   first moment, YYYY-MM-DD hh:mm:ss UTC
--   to     first moment behind
--   size   of a window, minutes; windows begin at its multiples since 1970 (of 5: at :00, :05, :10)
--
-- Windows that lie in [from, to) as a whole, none without clicks. Reads ads.clicks_per_minute.
SELECT
    toDateTime(intDiv(toUnixTimestamp(click_minute), 60 * {size:UInt32}) * 60 * {size:UInt32}, 'UTC') AS window_from,
    window_from + toIntervalMinute({size:UInt32}) AS window_to,
    sum(clicks) AS clicks
FROM ads.clicks_per_minute
WHERE ad_id = {ad:String} AND click_minute >= {from:DateTime('UTC')} AND click_minute < {to:DateTime('UTC')}
GROUP BY window_from
HAVING window_from >= {from:DateTime('UTC')} AND window_to <= {to:DateTime('UTC')}
ORDER BY window_from;
