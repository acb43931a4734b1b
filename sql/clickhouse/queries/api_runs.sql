SELECT
    date,
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
WHERE (empty({dates:Array(Date)}) OR date IN {dates:Array(Date)})
  AND (empty({requests:Array(String)}) OR request IN {requests:Array(String)})
ORDER BY date DESC, run DESC
LIMIT {limit:UInt32}
