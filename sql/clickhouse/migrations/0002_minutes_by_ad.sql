-- Clicks per minute, ordered for questions about one ad. Rows of a key add up: read it with sum() and GROUP BY, or
-- through ads.clicks_per_minute_realtime, which does.
CREATE TABLE IF NOT EXISTS ads.minutes_by_ad
(
    arrival_month UInt32,
    ad_id String,
    click_minute DateTime('UTC'),
    country LowCardinality(String),
    clicks UInt64
)
ENGINE = SummingMergeTree(clicks)
PARTITION BY arrival_month
ORDER BY (ad_id, click_minute, country)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS ads.minutes_by_ad_mv TO ads.minutes_by_ad AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    ad_id,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    country,
    count() AS clicks
FROM ads.clicks
GROUP BY arrival_month, ad_id, click_minute, country;

CREATE VIEW IF NOT EXISTS ads.clicks_per_minute_realtime AS
SELECT ad_id, click_minute, country, sum(clicks) AS clicks
FROM ads.minutes_by_ad
GROUP BY ad_id, click_minute, country;
