-- The last event of each day's ledger (except previews, which change nothing), and the day's published run.
SELECT
    toString(event.date) AS day,
    argMaxIf(event.state, event.seq, event.state != 'previewed') AS last_state,
    argMaxIf(event.run, event.seq, event.state = 'published') AS published,
    argMinIf(event.run, event.seq, event.state = 'published' AND event.run > 0) AS first_published,
    argMaxIf(event.cut, event.seq, event.state = 'published') AS cut,
    argMaxIf(event.conflicts, event.seq, event.state = 'published') AS conflicts
FROM ledger AS event
GROUP BY event.date
ORDER BY event.date
