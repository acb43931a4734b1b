-- The rollup of reports: events per run, ad, day and country. As a projection it is part of the minutes it is made from:
-- written, replaced and dropped with them. Parts from before are rolled up in the background; until then they are read.
ALTER TABLE ads.clicks_per_minute_batch
    MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild', deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE ads.clicks_per_minute_batch
    ADD PROJECTION IF NOT EXISTS by_day
    (
        SELECT run, ad_id, toDate(click_minute), country, sum(clicks)
        GROUP BY ad_id, country, toDate(click_minute), run
    );
ALTER TABLE ads.clicks_per_minute_batch MATERIALIZE PROJECTION by_day;

-- Rows of reports, kept for their further pages. Times among the keys are epoch seconds with leading zeros.
CREATE TABLE IF NOT EXISTS ads.report_rows
(
    snapshot UUID,
    made_at DateTime('UTC') DEFAULT now(),
    key1 String,
    key2 String,
    impressions_run UInt64,
    impressions_realtime UInt64,
    clicks_run UInt64,
    clicks_realtime UInt64,
    conversions_run UInt64,
    conversions_realtime UInt64
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(made_at)
ORDER BY (snapshot, key1, key2)
TTL made_at + INTERVAL 2 HOUR
SETTINGS ttl_only_drop_parts = 1;

-- Written when all rows are: what was asked, and the receipts. Believed for an hour, which is less than rows are kept.
CREATE TABLE IF NOT EXISTS ads.report_snapshots
(
    snapshot UUID,
    made_at DateTime('UTC') DEFAULT now(),
    state String
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(made_at)
ORDER BY snapshot
TTL made_at + INTERVAL 2 HOUR
SETTINGS ttl_only_drop_parts = 1;
