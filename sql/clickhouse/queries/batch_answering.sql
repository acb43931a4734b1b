-- For each day that was ever published: the run that answers for it (0: its real-time counts) and since when, and the
-- newest run that ever did.
SELECT
    toString(event.date) AS day,
    argMax(event.run, event.seq) AS current,
    max(event.run) AS newest,
    toUnixTimestamp64Milli(max(event.recorded_at)) AS since_ms
FROM ledger AS event
WHERE event.state = 'published'
GROUP BY event.date
ORDER BY day
