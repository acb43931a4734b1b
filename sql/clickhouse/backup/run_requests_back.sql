-- Whole requests, in one insert: the nightly role never finds one that is not closed yet.
INSERT INTO run_requests ({columns})
SELECT {columns} FROM {database}.run_requests
WHERE request NOT IN (SELECT request FROM run_requests)
