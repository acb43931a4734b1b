-- Clicks that the latest report of a day found to be collisions, by day.
SELECT date, argMax(collision, (run, reconciled_at)) AS clicks
FROM reconciliations
GROUP BY date
HAVING clicks > 0
ORDER BY date
