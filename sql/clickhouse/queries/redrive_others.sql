-- Number of rows recorded by other re-drives.
SELECT count() AS recorded
FROM redriven
WHERE rejected_topic = {rejected_topic:String} AND redrive != {redrive:UUID}
