-- Minutes that are gone, or will be a while after it was announced here: all those of a run of a day, which Hive has; or
-- (run 0) the real-time minutes of a day among those that arrived in a month (202601). It lies beside the minutes, for the
-- reason that raw_kept does. Rows are only ever added.
CREATE TABLE IF NOT EXISTS ads.minutes_gone
(
    day Date,
    run UInt32,
    arrival_month UInt32,
    announced_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (day, run, arrival_month)
SETTINGS non_replicated_deduplication_window = 1000;
