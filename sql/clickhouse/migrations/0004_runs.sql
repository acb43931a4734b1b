-- The ledger. Rows are only ever added; each is one event in the life of a run. seq orders the events of a date.
-- A row with state 'published' is the one commit point: from it on, the date is answered from that run
-- (run 0: the date was given back to its real-time counts).
CREATE TABLE IF NOT EXISTS ads.ledger
(
    date Date,
    seq UInt64,
    run UInt32,
    state LowCardinality(String),
    reason String,
    requested_by String,
    started_at DateTime64(3, 'UTC'),
    finished_at Nullable(DateTime64(3, 'UTC')),
    recorded_at DateTime64(3, 'UTC'),
    clicks UInt64,
    copies_dropped UInt64,
    late_included UInt64,
    cut Map(String, UInt64),
    inputs String,
    difference Int64,
    note String
)
ENGINE = MergeTree
ORDER BY (date, seq);

-- Minutes of every run, as loaded from Hive.
CREATE TABLE IF NOT EXISTS ads.clicks_per_minute_batch
(
    run UInt32,
    ad_id String,
    click_minute DateTime('UTC'),
    country LowCardinality(String),
    clicks UInt64
)
ENGINE = MergeTree
PARTITION BY (toYYYYMMDD(click_minute), run)
ORDER BY (ad_id, click_minute, country);

CREATE VIEW IF NOT EXISTS ads.published_runs AS
SELECT
    event.date AS date,
    argMax(event.run, event.seq) AS run,
    argMinIf(event.run, event.seq, event.run > 0) AS first_run,
    argMax(event.cut, event.seq) AS cut,
    max(event.seq) AS published_seq
FROM ads.ledger AS event
WHERE event.state = 'published'
GROUP BY event.date
HAVING run > 0;

-- One row for each run, as it stands now; a run that another one took the place of is 'superseded' (by a newer) or
-- 'rolled_back' (to an older).
CREATE VIEW IF NOT EXISTS ads.batch_runs AS
SELECT
    runs.date AS date,
    runs.run AS run,
    multiIf(runs.last_state != 'published' OR runs.run = current.run, runs.last_state,
            current.run > runs.run, 'superseded', 'rolled_back') AS state,
    runs.reason AS reason,
    runs.requested_by AS requested_by,
    runs.started_at AS started_at,
    runs.finished_at AS finished_at,
    runs.published_at AS published_at,
    runs.clicks AS clicks,
    runs.copies_dropped AS copies_dropped,
    runs.late_included AS late_included,
    runs.cut AS cut,
    runs.inputs AS inputs,
    runs.difference AS difference
FROM
(
    SELECT
        event.date AS date,
        event.run AS run,
        argMax(event.state, event.seq) AS last_state,
        argMin(event.reason, event.seq) AS reason,
        argMin(event.requested_by, event.seq) AS requested_by,
        min(event.started_at) AS started_at,
        argMax(event.finished_at, event.seq) AS finished_at,
        nullIf(maxIf(event.recorded_at, event.state = 'published'), toDateTime64(0, 3, 'UTC')) AS published_at,
        argMax(event.clicks, event.seq) AS clicks,
        argMax(event.copies_dropped, event.seq) AS copies_dropped,
        argMax(event.late_included, event.seq) AS late_included,
        argMax(event.cut, event.seq) AS cut,
        argMax(event.inputs, event.seq) AS inputs,
        argMax(event.difference, event.seq) AS difference
    FROM ads.ledger AS event
    WHERE event.run > 0
    GROUP BY event.date, event.run
) AS runs
LEFT JOIN (
    SELECT event.date AS date, argMax(event.run, event.seq) AS run
    FROM ads.ledger AS event
    WHERE event.state = 'published'
    GROUP BY event.date
) AS current
    ON current.date = runs.date;

-- The published run for each published day, real-time counts for the rest. Which day is published is read once for
-- the whole query (a scalar), so that no day can be seen in both halves or in neither.
CREATE VIEW IF NOT EXISTS ads.clicks_per_minute AS
WITH (SELECT mapFromArrays(groupArray(date), groupArray(run)) FROM ads.published_runs) AS published
SELECT ad_id, click_minute, country, sum(clicks) AS clicks
FROM
(
    SELECT ad_id, click_minute, country, clicks
    FROM ads.clicks_per_minute_batch
    WHERE published[toDate(click_minute)] = run
    UNION ALL
    SELECT ad_id, click_minute, country, clicks
    FROM ads.minutes_by_ad
    WHERE NOT mapContains(published, toDate(click_minute))
)
GROUP BY ad_id, click_minute, country;
