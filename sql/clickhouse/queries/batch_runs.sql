SELECT toString(date) AS day, * EXCEPT date
FROM batch_runs
WHERE {day:Nullable(Date)} IS NULL OR date = {day:Nullable(Date)}
ORDER BY day, run
