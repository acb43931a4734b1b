-- Clicks of an ad in a sliding window: for each minute with clicks, the total of it and of the minutes before it.
--
--   ad          ad id
--   from        first day, YYYY-MM-DD (UTC)
--   to          end day, exclusive
--   preceding   number of minutes before it in a minute's window: 4 for a window of 5 minutes; up to 1440
--
-- The first windows reach back into the day before; times are epoch milliseconds. Reads ads.clicks_per_minute.
SELECT click_minute, clicks_in_window
FROM (
    SELECT
        dt,
        click_minute,
        sum(clicks_of_minute) OVER (
            ORDER BY click_minute DIV 60000 RANGE BETWEEN ${hivevar:preceding} PRECEDING AND CURRENT ROW
        ) AS clicks_in_window
    FROM (
        SELECT dt, click_minute, sum(clicks) AS clicks_of_minute
        FROM ads.clicks_per_minute
        WHERE dt >= CAST(date_sub('${hivevar:from}', 1) AS STRING) AND dt < '${hivevar:to}' AND ad_id = '${hivevar:ad}'
        GROUP BY dt, click_minute
    ) minutes
) windows
WHERE dt >= '${hivevar:from}'
ORDER BY click_minute;
