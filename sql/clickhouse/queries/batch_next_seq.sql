SELECT max(seq) + 1 AS seq, max(run) AS run
FROM ads.ledger
WHERE date = {day:Date}
