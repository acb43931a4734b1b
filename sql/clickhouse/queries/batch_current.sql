-- The run that answers for each day. Run 0: its real-time counts again, after its first run was rolled back.
SELECT
    toString(event.date) AS day,
    argMax(event.run, event.seq) AS run,
    argMax(event.cut, event.seq) AS cut,
    max(event.seq) AS published_seq
FROM ledger AS event
WHERE event.state = 'published'
GROUP BY event.date
ORDER BY day
