-- What a day was answered from, one after the other; the last one is what it is answered from now.
SELECT run
FROM ads.ledger
WHERE date = {day:Date} AND state = 'published'
ORDER BY seq
