-- Size of each table on disk, including its indexes.
SELECT table, sum(bytes_on_disk) AS bytes
FROM system.parts
WHERE database = 'ads' AND active AND table IN {tables:Array(String)}
GROUP BY table
ORDER BY table
