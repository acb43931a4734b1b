SELECT
    toString(date) AS day,
    run,
    state,
    reason,
    requested_by,
    started_at,
    finished_at,
    published_at,
    rolled_back_at,
    clicks,
    copies_dropped,
    late_included,
    cut,
    inputs,
    difference,
    conflicts,
    previous_run,
    change,
    verdict,
    unexplained,
    accepted_by,
    accepted_reason,
    request,
    note
FROM ads.batch_runs
WHERE {day:Nullable(Date)} IS NULL OR date = {day:Nullable(Date)}
ORDER BY day, run
