-- Months of arrival before a month that have real-time minutes, with their days and bytes.
WITH (
    SELECT mapFromArrays(groupArray(month), groupArray(bytes))
    FROM
    (
        SELECT toUInt32(partition) AS month, toUInt64(sum(bytes_on_disk)) AS bytes
        FROM system.parts
        WHERE active AND database = currentDatabase() AND table IN ('minutes_by_ad', 'minutes_by_minute')
        GROUP BY month
    )
) AS bytes_of
SELECT arrival_month AS month, arraySort(groupUniqArray(toString(toDate(click_minute)))) AS days, bytes_of[month] AS bytes
FROM minutes_by_minute
WHERE arrival_month < {before:UInt32}
GROUP BY month
ORDER BY month
