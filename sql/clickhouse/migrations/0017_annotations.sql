-- What the line of a row told beside the fields: name → value, the row's own, of a copy too. No part of what an event is.
ALTER TABLE ads.clicks ADD COLUMN IF NOT EXISTS annotations Map(String, String);
ALTER TABLE ads.copies_dropped ADD COLUMN IF NOT EXISTS annotations Map(String, String);
-- A sink of an earlier release names no columns and writes rows without this one: the next row would be taken for a map,
-- and with bad luck for whole rows. The length of its first name is then the first character of an event id, 32 or more.
ALTER TABLE ads.clicks ADD CONSTRAINT IF NOT EXISTS annotation_names CHECK length(mapKeys(annotations)[1]) < 32;
ALTER TABLE ads.copies_dropped ADD CONSTRAINT IF NOT EXISTS annotation_names CHECK length(mapKeys(annotations)[1]) < 32;

-- A re-drive that was killed is finished from here.
ALTER TABLE ads.redriven ADD COLUMN IF NOT EXISTS annotations Map(String, String);

-- Archived copies of a run's clicks with other annotations than the first copy of theirs.
ALTER TABLE ads.ledger ADD COLUMN IF NOT EXISTS annotation_conflicts UInt64 DEFAULT 0;

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
    runs.annotation_conflicts AS annotation_conflicts,
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
        argMax(event.annotation_conflicts, event.seq) AS annotation_conflicts,
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
