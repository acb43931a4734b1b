-- Since when all raw clicks are kept, by arrival: what arrived before is dropped by whole months of arrival, a while after
-- it was announced here. It lies beside the rows, so that a ClickHouse restored from a copy has both as they were then.
CREATE TABLE IF NOT EXISTS ads.raw_kept
(
    since DateTime64(3, 'UTC'),
    announced_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY announced_at
SETTINGS non_replicated_deduplication_window = 1000;
