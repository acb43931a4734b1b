-- Clicks of an ad in tumbling windows: adjacent, each click in exactly one.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--   size   window length in minutes; windows begin at its multiples since 1970 (of 5: at :00, :05, :10)
--
-- Only windows entirely in these days that have clicks; times are epoch milliseconds.
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
