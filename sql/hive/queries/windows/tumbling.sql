-- Clicks of an ad in tumbling windows: side by side, each click in one of them.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD (UTC)
--   to     day behind the last
--   size   of a window, minutes; windows begin at its multiples since 1970 (of 5: at :00, :05, :10)
--
-- Windows that lie in these days as a whole, none without clicks; times are epoch milliseconds.
-- Reads ads.clicks_per_minute.
SELECT window_from, window_from + ${hivevar:size} * 60000L AS window_to, sum(clicks) AS clicks
FROM (
    SELECT click_minute - click_minute % (${hivevar:size} * 60000L) AS window_from, clicks
    FROM ads.clicks_per_minute
    WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}' AND ad_id = '${hivevar:ad}'
) minutes
WHERE window_from >= datediff('${hivevar:from}', '1970-01-01') * 86400000L
    AND window_from + ${hivevar:size} * 60000L <= datediff('${hivevar:to}', '1970-01-01') * 86400000L
GROUP BY window_from
ORDER BY window_from;
