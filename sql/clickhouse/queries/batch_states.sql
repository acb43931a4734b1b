-- The last state of each run of a day.
SELECT run, argMax(state, seq) AS state
FROM ledger
WHERE date = {day:Date} AND run > 0
GROUP BY run
