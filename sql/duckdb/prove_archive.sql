-- Distinct events of the archive per ad, minute and country.
SELECT ad_id, minute, country, count(*)::DOUBLE AS clicks
FROM (
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country,
        (click_timestamp - click_timestamp % 60000)::DOUBLE AS minute
    FROM read_parquet($files)
)
GROUP BY ad_id, minute, country;
