SELECT
    sum(difference) AS difference,
    sum(late) AS late,
    sum(copies) AS copies,
    sum(redriven) AS redriven,
    sum(unattributed) AS unattributed,
    sum(greatest(-unexplained, 0)) AS lost,
    sum(greatest(unexplained, 0)) AS surplus,
    count() AS ad_minutes
FROM ads.reconciled_minutes
WHERE look = {look:UInt64}
