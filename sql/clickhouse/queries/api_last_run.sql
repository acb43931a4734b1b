SELECT *
FROM batch_runs
ORDER BY started_at DESC, date DESC, run DESC
LIMIT 1
