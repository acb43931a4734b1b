-- The cut of each day's newest run that was ever published, rolled back or not: later clicks were never counted.
SELECT toString(event.date) AS day, argMax(event.cut, (event.run, event.seq)) AS cut
FROM ledger AS event
WHERE event.state = 'published' AND event.run > 0
GROUP BY event.date
