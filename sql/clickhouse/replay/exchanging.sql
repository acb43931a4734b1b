-- Statements of an exchange in progress.
SELECT count() AS statements FROM system.processes WHERE startsWith(query_id, {prefix:String})
