-- Days whose last run is blocked.
SELECT toString(date) AS day
FROM ledger
WHERE state != 'previewed'
GROUP BY date
HAVING argMax(state, seq) = 'blocked'
ORDER BY day
