SELECT {columns} FROM {database}.reconciliations ORDER BY date, run, reconciled_at
