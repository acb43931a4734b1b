-- Days that a run answers for, and has since before this time.
SELECT toString(date) AS day
FROM ledger
WHERE state = 'published'
GROUP BY date
HAVING argMax(run, seq) > 0 AND max(recorded_at) < fromUnixTimestamp64Milli({before_ms:Int64})
ORDER BY day
