-- Every run of every day, kept. A partition is written by its run and never again once that run was published.
CREATE EXTERNAL TABLE IF NOT EXISTS ads.clicks_per_minute_runs
(
    ad_id STRING,
    click_minute BIGINT,
    country STRING,
    clicks BIGINT
)
PARTITIONED BY (dt STRING, run INT)
STORED AS PARQUET
LOCATION '{archive}/runs'
TBLPROPERTIES ('external.table.purge' = 'false', 'parquet.compression' = 'SNAPPY');

-- The published run of each day: a partition's location is its run's folder above, and publishing moves it. Nothing is
-- ever written here.
CREATE EXTERNAL TABLE IF NOT EXISTS ads.clicks_per_minute
(
    ad_id STRING,
    click_minute BIGINT,
    country STRING,
    clicks BIGINT
)
PARTITIONED BY (dt STRING)
STORED AS PARQUET
LOCATION '{archive}/published'
TBLPROPERTIES ('external.table.purge' = 'false');
