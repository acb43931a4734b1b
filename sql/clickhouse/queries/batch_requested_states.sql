-- The last state of each run of a day that an event of the ledger names the request for; run 0: its real-time counts.
SELECT argMax(state, seq) AS state
FROM ledger
WHERE date = {day:Date}
GROUP BY run
HAVING countIf(request = {request:String}) > 0
