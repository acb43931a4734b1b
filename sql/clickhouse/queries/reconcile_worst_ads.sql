-- realtime and counted are sums over the minutes in which real time and run differ.
SELECT
    minute.ad_id AS ad_id,
    sum(minute.realtime) AS realtime,
    sum(minute.counted) AS counted,
    sum(minute.difference) AS difference,
    sum(minute.late) AS late,
    sum(minute.copies) AS copies,
    sum(minute.redriven) AS redriven,
    sum(minute.unattributed) AS unattributed,
    sum(minute.collision) AS collision,
    sum(minute.unexplained) AS unexplained
FROM reconciled_minutes AS minute
WHERE minute.look = {look:UInt64}
GROUP BY minute.ad_id
ORDER BY sum(abs(minute.unexplained)) DESC, sum(abs(minute.difference)) DESC, ad_id
LIMIT {limit:UInt32}
