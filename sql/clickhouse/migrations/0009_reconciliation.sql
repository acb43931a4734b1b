-- What the ledger says of a run beyond its figures. change: its clicks less those the day was answered with before, by
-- previous_run (0: the real-time counts). verdict and unexplained: of its reconciliation (batch/reconcile). request: that
-- of ads.run_requests which the run was begun for.
ALTER TABLE ads.ledger
    ADD COLUMN IF NOT EXISTS request String DEFAULT '',
    ADD COLUMN IF NOT EXISTS previous_run UInt32 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS change Int64 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS verdict LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS unexplained UInt64 DEFAULT 0;

-- The archived files that a run has read, with the hash each was found to have; a repeated count writes the same rows.
CREATE TABLE IF NOT EXISTS ads.run_inputs
(
    date Date,
    run UInt32,
    path String,
    manifest String,
    rows UInt64,
    bytes UInt64,
    sha256 String
)
ENGINE = ReplacingMergeTree
ORDER BY (date, run, path);

-- Work space of a reconciliation, `look`: what differs between real time and run, and what raw clicks say of why. Rows of
-- an (ad, minute) add up. Each look is dropped when it was read; what a kill leaves goes after a day.
CREATE TABLE IF NOT EXISTS ads.reconciliation_minutes
(
    look UInt64,
    ad_id String,
    click_minute DateTime('UTC'),
    realtime Int64,
    counted Int64,
    late Int64,
    copies Int64,
    redriven Int64,
    uncertain Int64,
    unattributed Int64,
    taken_at DateTime('UTC') DEFAULT now()
)
ENGINE = MergeTree
PARTITION BY look
ORDER BY (ad_id, click_minute)
TTL taken_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1;

-- One row for each (ad, minute): difference = late + copies + redriven + unattributed + unexplained. Of clicks whose insert
-- was under way at the time ('uncertain'), as many are taken for late as make the two sides equal.
CREATE VIEW IF NOT EXISTS ads.reconciled_minutes AS
SELECT
    sums.look AS look,
    sums.ad_id AS ad_id,
    sums.click_minute AS click_minute,
    sums.realtime AS realtime,
    sums.counted AS counted,
    sums.realtime - sums.counted AS difference,
    sums.copies AS copies,
    sums.redriven AS redriven,
    sums.unattributed AS unattributed,
    sums.realtime - sums.counted - sums.late - sums.copies - sums.redriven - sums.unattributed AS rest,
    least(greatest(rest, 0), sums.uncertain) AS in_flight,
    sums.late + in_flight AS late,
    rest - in_flight AS unexplained
FROM
(
    SELECT
        part.look AS look,
        part.ad_id AS ad_id,
        part.click_minute AS click_minute,
        sum(part.realtime) AS realtime,
        sum(part.counted) AS counted,
        sum(part.late) AS late,
        sum(part.copies) AS copies,
        sum(part.redriven) AS redriven,
        sum(part.uncertain) AS uncertain,
        sum(part.unattributed) AS unattributed
    FROM ads.reconciliation_minutes AS part
    GROUP BY part.look, part.ad_id, part.click_minute
) AS sums;

-- The report of each reconciliation that decided over a run; the latest of a run is the one that did.
CREATE TABLE IF NOT EXISTS ads.reconciliations
(
    date Date,
    run UInt32,
    reconciled_at DateTime64(3, 'UTC'),
    verdict LowCardinality(String),
    unexplained_limit UInt64,
    raw LowCardinality(String),
    realtime Int64,
    counted Int64,
    difference Int64,
    late Int64,
    copies Int64,
    redriven Int64,
    unattributed Int64,
    lost Int64,
    surplus Int64,
    unexplained Int64,
    ad_minutes Int64,
    rules Array(Tuple(rule String, left Int64, right Int64, ok Bool)),
    worst_ads Array(Tuple(ad_id String, realtime Int64, counted Int64, difference Int64, late Int64, copies Int64,
                          redriven Int64, unattributed Int64, unexplained Int64))
)
ENGINE = MergeTree
ORDER BY (date, run, reconciled_at);

-- Runs that somebody asked for through the API. Rows are only added: 'asked', and in the end 'done' or 'failed'.
CREATE TABLE IF NOT EXISTS ads.run_requests
(
    request String,
    state LowCardinality(String),
    from_day Date,
    to_day Date,
    reason String,
    requested_by String,
    note String,
    recorded_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (recorded_at, request);

CREATE OR REPLACE VIEW ads.batch_runs AS
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
    if(runs.published_at IS NULL
           OR (arrayFirst(event -> event.1 > runs.published_seq, current.events) AS next_event).1 = 0
           OR next_event.2 > runs.run,
       NULL, next_event.3) AS rolled_back_at,
    runs.clicks AS clicks,
    runs.copies_dropped AS copies_dropped,
    runs.late_included AS late_included,
    runs.cut AS cut,
    runs.inputs AS inputs,
    runs.difference AS difference,
    runs.conflicts AS conflicts,
    runs.previous_run AS previous_run,
    runs.change AS change,
    runs.verdict AS verdict,
    runs.unexplained AS unexplained,
    runs.accepted_by AS accepted_by,
    runs.accepted_reason AS accepted_reason,
    runs.request AS request,
    runs.note AS note
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
        maxIf(event.seq, event.state = 'published') AS published_seq,
        argMax(event.clicks, event.seq) AS clicks,
        argMax(event.copies_dropped, event.seq) AS copies_dropped,
        argMax(event.late_included, event.seq) AS late_included,
        argMax(event.cut, event.seq) AS cut,
        argMax(event.inputs, event.seq) AS inputs,
        argMax(event.difference, event.seq) AS difference,
        argMax(event.conflicts, event.seq) AS conflicts,
        argMax(event.previous_run, event.seq) AS previous_run,
        argMax(event.change, event.seq) AS change,
        argMax(event.verdict, event.seq) AS verdict,
        argMax(event.unexplained, event.seq) AS unexplained,
        argMaxIf(event.requested_by, event.seq, event.state = 'accepted') AS accepted_by,
        argMaxIf(event.reason, event.seq, event.state = 'accepted') AS accepted_reason,
        argMin(event.request, event.seq) AS request,
        argMax(event.note, event.seq) AS note
    FROM ads.ledger AS event
    WHERE event.run > 0
    GROUP BY event.date, event.run
) AS runs
LEFT JOIN (
    SELECT
        event.date AS date,
        argMax(event.run, event.seq) AS run,
        arraySort(groupArray((event.seq, event.run, event.recorded_at))) AS events
    FROM ads.ledger AS event
    WHERE event.state = 'published'
    GROUP BY event.date
) AS current
    ON current.date = runs.date;
