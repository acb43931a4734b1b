-- While the sink is paused, these can only be from a killed process.
SELECT count() AS inserts
FROM system.processes
WHERE startsWith(query, 'INSERT INTO ads.clicks ') OR startsWith(query, 'INSERT INTO ads.copies_dropped ')
