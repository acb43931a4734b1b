-- The ads with the most clicks in each window and country.
--
--   from   start, YYYY-MM-DD hh:mm:ss UTC
--   to     end, exclusive
--   size   window length in minutes; windows begin at its multiples since 1970
--   n      number of ads for each window and country; ties are ordered by ad id
--
-- Only windows entirely in [from, to). Reads ads.clicks_per_minute.
SELECT window_from, country, place, ad_id, clicks
FROM
(
    SELECT
        *,
        row_number() OVER (PARTITION BY window_from, country ORDER BY clicks DESC, ad_id) AS place
    FROM
    (
        SELECT
            toDateTime(intDiv(toUnixTimestamp(click_minute), 60 * {size:UInt32}) * 60 * {size:UInt32}, 'UTC') AS window_from,
            country,
            ad_id,
            sum(clicks) AS clicks
        FROM ads.clicks_per_minute
        WHERE click_minute >= {from:DateTime('UTC')} AND click_minute < {to:DateTime('UTC')}
        GROUP BY window_from, country, ad_id
        HAVING window_from >= {from:DateTime('UTC')}
            AND window_from + toIntervalMinute({size:UInt32}) <= {to:DateTime('UTC')}
    )
)
WHERE place <= {n:UInt32}
ORDER BY window_from, country, place;
