SELECT sum(clicks) AS clicks
FROM minutes_by_minute
WHERE click_minute >= toDateTime({day:Date}, 'UTC') AND click_minute < toDateTime({day:Date} + 1, 'UTC')
