-- While the sink stands, these can only be of a process that was killed.
SELECT count() AS inserts
FROM system.processes
WHERE startsWith(query, 'INSERT INTO ads.clicks ') OR startsWith(query, 'INSERT INTO ads.copies_dropped ')
