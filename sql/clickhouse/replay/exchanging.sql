-- Statements of an exchange that are under way.
SELECT count() AS statements FROM system.processes WHERE startsWith(query_id, {prefix:String})
