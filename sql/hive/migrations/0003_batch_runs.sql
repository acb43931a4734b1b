SET hive.stats.autogather=false;

-- The ledger of runs as it is in ClickHouse, one file for each day. The batch path writes a day's file anew after each event
-- and brings it to the ledger when it starts, so nothing needs to be refreshed here. Times are epoch milliseconds.
-- Without the setting Hive would note of the folder, which is empty now, that the table has no rows, and would answer from
-- that note for ever: nobody tells it of files.
CREATE EXTERNAL TABLE IF NOT EXISTS ads.batch_runs
(
    `date` STRING,
    run INT,
    state STRING,
    reason STRING,
    requested_by STRING,
    started_at BIGINT,
    finished_at BIGINT,
    published_at BIGINT,
    rolled_back_at BIGINT,
    clicks BIGINT,
    copies_dropped BIGINT,
    late_included BIGINT,
    cut MAP<STRING, BIGINT>,
    inputs STRING,
    difference BIGINT,
    conflicts BIGINT,
    previous_run INT,
    change BIGINT,
    verdict STRING,
    unexplained BIGINT,
    accepted_by STRING,
    accepted_reason STRING,
    request STRING,
    note STRING
)
STORED AS JSONFILE
LOCATION '{archive}/batch_runs'
TBLPROPERTIES ('external.table.purge' = 'false');

SET hive.stats.autogather=true;
