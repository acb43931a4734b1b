-- Clicks of an ad in a sliding window: for each minute with clicks, the total of it and of the minutes before it.
--
--   ad          ad id
--   from        first minute, YYYY-MM-DD hh:mm:ss UTC
--   to          end, exclusive
--   preceding   number of minutes before it in a minute's window: 4 for a window of 5 minutes
--
-- The first windows reach back before `from`. Reads ads.clicks_per_minute.
SELECT click_minute, clicks_in_window
FROM
(
    SELECT
        click_minute,
        sum(clicks_of_minute) OVER (
            ORDER BY toUnixTimestamp(click_minute) RANGE BETWEEN (60 * {preceding:UInt32}) PRECEDING AND CURRENT ROW
        ) AS clicks_in_window
    FROM
    (
        SELECT click_minute, sum(clicks) AS clicks_of_minute
        FROM ads.clicks_per_minute
        WHERE ad_id = {ad:String}
            AND click_minute >= {from:DateTime('UTC')} - toIntervalMinute({preceding:UInt32})
            AND click_minute < {to:DateTime('UTC')}
        GROUP BY click_minute
    )
)
WHERE click_minute >= {from:DateTime('UTC')}
ORDER BY click_minute;
