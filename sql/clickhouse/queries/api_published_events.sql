SELECT toString(event.date) AS date, event.seq AS seq, event.run AS run, event.cut AS cut,
       toUnixTimestamp64Milli(event.recorded_at) AS recorded_ms
FROM ledger AS event
WHERE event.state = 'published' AND event.date >= {from_day:Date} AND event.date <= {to_day:Date}
ORDER BY event.date, event.seq
LIMIT 1 BY event.date, event.seq
