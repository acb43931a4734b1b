-- Registered filters. Rows are only ever added: each is a filter as somebody put it, or its deletion. A definition never
-- changes under its revision, so whatever was counted for (filter_id, revision) stays right.
CREATE TABLE IF NOT EXISTS ads.filters
(
    filter_id UInt32,
    revision UInt32,
    name String,
    -- JSON: as it was put.
    definition String,
    is_deleted Bool,
    recorded_at DateTime64(3, 'UTC'),
    recorded_by String
)
ENGINE = MergeTree
ORDER BY (filter_id, revision);
