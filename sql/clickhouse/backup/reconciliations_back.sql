INSERT INTO reconciliations ({columns})
SELECT {columns} FROM {database}.reconciliations
WHERE (date, run, reconciled_at) NOT IN (SELECT date, run, reconciled_at FROM reconciliations)
