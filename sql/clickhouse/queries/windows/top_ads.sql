-- The ads with the most clicks in each window and country.
--
--   from   first moment, YYYY-MM-DD hh:mm:ss UTC
--   to     first moment behind
--   size   of a window, minutes; windows begin at its multiples since 1970
--   n      how many ads for each window and country; of equal ones those whose id comes first
--
-- Windows that lie in [from, to) as a whole. Reads ads.clicks_per_minute.
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
