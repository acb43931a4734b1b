-- How much was recorded by any re-drive but this one.
SELECT count() AS recorded
FROM ads.redriven
WHERE rejected_topic = {rejected_topic:String} AND redrive != {redrive:UUID}
