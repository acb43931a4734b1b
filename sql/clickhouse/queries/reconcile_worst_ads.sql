-- realtime and counted are sums over the minutes that differ.
SELECT
    ad_id,
    sum(realtime) AS realtime,
    sum(counted) AS counted,
    sum(difference) AS difference,
    sum(late) AS late,
    sum(copies) AS copies,
    sum(redriven) AS redriven,
    sum(unattributed) AS unattributed,
    sum(unexplained) AS unexplained
FROM ads.reconciled_minutes
WHERE look = {look:UInt64}
GROUP BY ad_id
ORDER BY sum(abs(unexplained)) DESC, sum(abs(difference)) DESC, ad_id
LIMIT {limit:UInt32}
