-- What is asked of the nightly role beside runs, and how far it has come. Each row repeats what was asked.
-- action: rebuild, preview, accept, rollback or redrive. run: that of a roll-back. rejected_for: the only reason of a
-- re-drive. state: 'asked' of a rebuild and 'wanted' of the others, which an earlier release passes over; then 'working',
-- once for each step of each day; in the end 'done' or 'failed'. day, step: '' in other rows; the step 'over' ends a day,
-- whose note says why nothing came of it. result: what the day's preview, or the re-drive, has found, as JSON.
ALTER TABLE ads.run_requests
    ADD COLUMN IF NOT EXISTS action LowCardinality(String) DEFAULT 'rebuild',
    ADD COLUMN IF NOT EXISTS run UInt32 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS rejected_for LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS day String DEFAULT '',
    ADD COLUMN IF NOT EXISTS step LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS result String DEFAULT '';
