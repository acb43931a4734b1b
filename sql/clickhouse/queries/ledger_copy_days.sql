-- How far the copy of the ledger is, by day; own: by rows of this register.
SELECT toString(event.date) AS day, max(event.seq) AS last, uniqExact(event.seq) AS events,
       maxIf(event.seq, event.register = {register:String}) AS own
FROM ledger AS event
GROUP BY event.date
ORDER BY event.date
