-- Clicks of an ad in hopping windows: the hop is shorter than the window, so a click is in several of them.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--   size   window length in minutes
--   hop    minutes from the start of one window to the start of the next; windows begin at its multiples since 1970
--
-- Only windows entirely in these days that have clicks; times are epoch milliseconds.
-- Reads ads.clicks_per_minute.
SELECT window_from, window_from + ${hivevar:size} * 60000L AS window_to, sum(clicks) AS clicks
FROM (
    SELECT click_minute - since_hop - hops.back * ${hivevar:hop} * 60000L AS window_from, clicks
    FROM (
        SELECT click_minute, click_minute % (${hivevar:hop} * 60000L) AS since_hop, clicks
        FROM ads.clicks_per_minute
        WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}' AND ad_id = '${hivevar:ad}'
            AND click_minute % (${hivevar:hop} * 60000L) < ${hivevar:size} * 60000L
    ) minutes
    LATERAL VIEW posexplode(split(space(CAST(
        (${hivevar:size} * 60000L - 1 - since_hop) DIV (${hivevar:hop} * 60000L) AS INT)), ' ')) hops AS back, nothing
) windows
GROUP BY window_from
-- max(): Hive would push a condition on window_from itself below the LATERAL VIEW, where it is lost.
HAVING max(window_from) >= datediff('${hivevar:from}', '1970-01-01') * 86400000L
    AND max(window_from) + ${hivevar:size} * 60000L <= datediff('${hivevar:to}', '1970-01-01') * 86400000L
ORDER BY window_from;
