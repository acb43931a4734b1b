-- The same counts ordered by minute, for top-N questions and for the publisher.
CREATE TABLE IF NOT EXISTS ads.minutes_by_minute
(
    arrival_month UInt32,
    click_minute DateTime('UTC'),
    ad_id String,
    country LowCardinality(String),
    clicks UInt64
)
ENGINE = SummingMergeTree(clicks)
PARTITION BY arrival_month
ORDER BY (click_minute, ad_id, country)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS ads.minutes_by_minute_mv TO ads.minutes_by_minute AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    ad_id,
    country,
    count() AS clicks
FROM ads.clicks
GROUP BY arrival_month, click_minute, ad_id, country;
