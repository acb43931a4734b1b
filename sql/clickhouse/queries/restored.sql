SELECT step, toString(day) AS day, run, facts
FROM restored
ORDER BY recorded_at
