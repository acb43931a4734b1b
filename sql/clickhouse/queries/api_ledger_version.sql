-- A text that changes whenever anything is written to what api_published_runs.sql and restored.sql read. Reads parts, not
-- rows.
SELECT arrayStringConcat(arraySort(groupArray(concat(table, '.', name))), ' ') AS version
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('ledger', 'run_filters', 'restored')
