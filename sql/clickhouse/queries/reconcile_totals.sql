SELECT
    sum(minute.difference) AS difference,
    sum(minute.late) AS late,
    sum(minute.copies) AS copies,
    sum(minute.redriven) AS redriven,
    sum(minute.unattributed) AS unattributed,
    sum(minute.collision) AS collision,
    sum(greatest(-minute.unexplained, 0)) AS lost,
    sum(greatest(minute.unexplained, 0)) AS surplus,
    count() AS ad_minutes
FROM reconciled_minutes AS minute
WHERE minute.look = {look:UInt64}
