-- Distinct clicks of a run less their distinct event ids: the same id came with other content. Each is counted as a click
-- of its own, and how many they are is reported.
ALTER TABLE ads.ledger ADD COLUMN IF NOT EXISTS conflicts UInt64 DEFAULT 0;

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
    runs.clicks AS clicks,
    runs.copies_dropped AS copies_dropped,
    runs.late_included AS late_included,
    runs.cut AS cut,
    runs.inputs AS inputs,
    runs.difference AS difference,
    runs.conflicts AS conflicts
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
        argMax(event.difference, event.seq) AS difference,
        argMax(event.conflicts, event.seq) AS conflicts
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

-- Clicks that a clock was ahead for: more than 10 minutes after their own arrival (domain/click.ts has the same rule).
-- They are counted like any other; here they are on record.
CREATE TABLE IF NOT EXISTS ads.clicks_from_future AS ads.clicks
ENGINE = MergeTree
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (topic_partition, topic_offset)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS ads.clicks_from_future_mv TO ads.clicks_from_future AS
SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset
FROM ads.clicks
WHERE click_timestamp > arrived_at + INTERVAL 10 MINUTE;
