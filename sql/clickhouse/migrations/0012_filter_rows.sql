-- Registered filters whose rows the publisher sends, by `filter_id.revision`: the first minute (epoch milliseconds) that
-- they are complete from. It is part of the same row as offsets and boundary: a step either covered a filter or did not.
ALTER TABLE ads.publisher_progress ADD COLUMN IF NOT EXISTS filters Map(String, Int64);

-- Which registered filters a run has rows of; written before the run is published. Rows of a run may repeat.
CREATE TABLE IF NOT EXISTS ads.run_filters
(
    date Date,
    run UInt32,
    filter_id UInt32,
    revision UInt32,
    documents UInt64,
    clicks UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (date, run, filter_id, revision);
