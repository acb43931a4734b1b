SELECT
    dt AS day,
    CAST(documents AS STRING) AS documents,
    CAST(clicks AS STRING) AS clicks,
    CAST(archived AS STRING) AS archived,
    CAST(late_included AS STRING) AS late_included
FROM day_totals;
