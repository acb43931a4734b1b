-- What is announced as gone, and when it was first.
SELECT toString(gone.day) AS day, gone.run AS run, arrival_month AS month, toUnixTimestamp64Milli(min(announced_at)) AS announced_ms
FROM minutes_gone AS gone
GROUP BY gone.day, gone.run, month
