SELECT toBool(count() > 0) AS is_there
FROM system.tables
WHERE database = currentDatabase() AND name = 'restored'
