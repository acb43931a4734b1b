-- One that has not ended is left out: put back, it would have the sink wait for it.
SELECT {columns} FROM {database}.replays
WHERE (replay, started_at) IN (SELECT replay, started_at FROM {database}.replays WHERE state IN ('done', 'failed'))
ORDER BY replay, recorded_at, state
