-- What has been brought back into a ClickHouse that was lost (batch/restore). Rows are only ever added; none: it never was.
-- It lies beside what it tells of, and the first row is there before any other table, so nothing that is not back yet can
-- be taken for nothing. step: 'begun'; 'cut', with the offsets that real time is filled up to; 'filled', from which on the
-- sink counts; 'realtime', when it has counted all that had been counted before; 'minutes' and 'raw' of a day, those of its
-- runs and its raw clicks; 'withheld', a run of a day that could not be brought back; 'ended'.
CREATE TABLE IF NOT EXISTS ads.restored
(
    step LowCardinality(String),
    day Date DEFAULT '1970-01-01',
    run UInt32 DEFAULT 0,
    facts String DEFAULT '',
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (step, day, run);
