SELECT date, run, state, reason, requested_by, started_at, finished_at, published_at, clicks,
       copies_dropped, late_included, cut, inputs, difference, conflicts
FROM ads.batch_runs
WHERE empty({dates:Array(Date)}) OR date IN {dates:Array(Date)}
ORDER BY date DESC, run DESC
LIMIT {limit:UInt32}
