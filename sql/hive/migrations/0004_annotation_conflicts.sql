-- The ledger of runs, made anew with one more column (see 0003): its files are its own, and stay.
DROP TABLE IF EXISTS ads.batch_runs;

SET hive.stats.autogather=false;

CREATE EXTERNAL TABLE ads.batch_runs
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
    annotation_conflicts BIGINT,
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
