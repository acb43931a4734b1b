-- Impressions, clicks and CTR by country, the most impressions first.
--
--   ad     ad id; empty: all ads
--   from   first day, YYYY-MM-DD
--   to     end day, exclusive
--
-- ctr: all clicks of the country divided by all its impressions, null without any; a mean of ratios would be another
-- number. Reads ads.performance_per_minute.
SELECT
    country,
    sum(one.impressions) AS impressions_of_country,
    sum(one.clicks) AS clicks_of_country,
    clicks_of_country / nullIf(impressions_of_country, 0) AS ctr
FROM ads.performance_per_minute AS one
WHERE minute >= {from:Date} AND minute < {to:Date} AND ({ad:String} = '' OR ad_id = {ad:String})
GROUP BY country
ORDER BY impressions_of_country DESC, country;
