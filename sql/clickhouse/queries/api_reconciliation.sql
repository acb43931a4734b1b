-- The latest report of a day.
SELECT
    date,
    run,
    reconciled_at,
    verdict,
    unexplained_limit,
    raw,
    realtime,
    counted,
    difference,
    late,
    copies,
    redriven,
    unattributed,
    collision,
    lost,
    surplus,
    unexplained,
    ad_minutes,
    rules,
    worst_ads
FROM reconciliations
WHERE date = {date:Date}
ORDER BY run DESC, reconciled_at DESC
LIMIT 1
