-- The ads with the most clicks in each window and country.
--
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--   size   window length in minutes; windows begin at its multiples since 1970
--   n      number of ads for each window and country; ties are ordered by ad id
--
-- Only windows entirely in these days; times are epoch milliseconds. Reads ads.clicks_per_minute.
SELECT window_from, country, place, ad_id, clicks
FROM (
    SELECT *, row_number() OVER (PARTITION BY window_from, country ORDER BY clicks DESC, ad_id) AS place
    FROM (
        SELECT window_from, country, ad_id, sum(clicks_of_minute) AS clicks
        FROM (
            SELECT
                click_minute - click_minute % (${hivevar:size} * 60000L) AS window_from,
                country,
                ad_id,
                clicks AS clicks_of_minute
            FROM ads.clicks_per_minute
            WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}'
        ) minutes
        WHERE window_from >= datediff('${hivevar:from}', '1970-01-01') * 86400000L
            AND window_from + ${hivevar:size} * 60000L <= datediff('${hivevar:to}', '1970-01-01') * 86400000L
        GROUP BY window_from, country, ad_id
    ) windows
) places
WHERE place <= ${hivevar:n}
ORDER BY window_from, country, place;
