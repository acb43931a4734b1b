-- While the sink is paused, these can only be from a killed process.
SELECT count() AS inserts
FROM system.processes
WHERE current_database = currentDatabase()
  AND (startsWith(query, 'INSERT INTO clicks ') OR startsWith(query, 'INSERT INTO copies_dropped '))
