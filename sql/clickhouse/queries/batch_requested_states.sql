-- The last state of each run of a day that was begun for a request.
SELECT argMax(state, seq) AS state
FROM ledger
WHERE date = {day:Date} AND request = {request:String} AND run > 0
GROUP BY run
