-- Clicks of an ad in hopping windows: the hop is shorter than the window, so a click is in several of them.
--
--   ad     ad id
--   from   start, YYYY-MM-DD hh:mm:ss UTC
--   to     end, exclusive
--   size   window length in minutes
--   hop    minutes from the start of one window to the start of the next; windows begin at its multiples since 1970
--
-- Only windows entirely in [from, to) that have clicks. Reads ads.clicks_per_minute.
SELECT window_from, window_from + toIntervalMinute({size:UInt32}) AS window_to, sum(clicks_of_minute) AS clicks
FROM
(
    SELECT
        click_minute,
        toDateTime(arrayJoin(arrayMap(
            back -> (intDiv(toUnixTimestamp(click_minute), 60 * {hop:UInt32}) - back) * 60 * {hop:UInt32},
            range(intDiv({size:UInt32}, {hop:UInt32}) + 1))), 'UTC') AS window_from,
        clicks AS clicks_of_minute
    FROM ads.clicks_per_minute
    WHERE ad_id = {ad:String} AND click_minute >= {from:DateTime('UTC')} AND click_minute < {to:DateTime('UTC')}
)
WHERE click_minute < window_to AND window_from >= {from:DateTime('UTC')} AND window_to <= {to:DateTime('UTC')}
GROUP BY window_from
ORDER BY window_from;
