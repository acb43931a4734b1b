-- Impressions, clicks and CTR by country, the most impressions first.
--
--   ad     ad id; empty: all ads
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--
-- ctr: all clicks of the country divided by all its impressions, null without any; a mean of ratios would be another
-- number. Reads ads.performance_per_minute.
SELECT
    country,
    impressions_of_country,
    clicks_of_country,
    CASE WHEN impressions_of_country > 0 THEN clicks_of_country / impressions_of_country END AS ctr
FROM (
    SELECT country, sum(impressions) AS impressions_of_country, sum(clicks) AS clicks_of_country
    FROM ads.performance_per_minute
    WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}'
      AND ('${hivevar:ad}' = '' OR ad_id = '${hivevar:ad}')
    GROUP BY country
) sums
ORDER BY impressions_of_country DESC, country;
