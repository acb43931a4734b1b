-- The runs that answered for a day, one after the other; the last one is current.
SELECT run
FROM ledger
WHERE date = {day:Date} AND state = 'published'
ORDER BY seq
LIMIT 1 BY seq
