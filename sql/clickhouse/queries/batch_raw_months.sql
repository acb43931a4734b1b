-- Months of arrival that have raw rows, before a month.
SELECT toUInt32(partition) AS month, toUInt64(sum(rows)) AS rows, toUInt64(sum(bytes_on_disk)) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('clicks', 'copies_dropped', 'clicks_from_future')
  AND toUInt32(partition) < {before:UInt32}
GROUP BY month
ORDER BY month
