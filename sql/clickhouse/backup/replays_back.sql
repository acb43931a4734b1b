INSERT INTO replays ({columns})
SELECT {columns} FROM {database}.replays
WHERE (replay, started_at) NOT IN (SELECT replay, started_at FROM replays)
