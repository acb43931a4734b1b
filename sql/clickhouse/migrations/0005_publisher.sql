-- How far the publisher has come: the sink's offsets up to which changed minutes were sent, and the boundary that was
-- announced. One row for each step; the newest counts.
CREATE TABLE IF NOT EXISTS ads.publisher_progress
(
    id UInt8 DEFAULT 0,
    version UInt64,
    offsets Map(UInt32, UInt64),
    boundary DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id;
