SELECT {columns} FROM {database}.run_requests ORDER BY recorded_at, request, state, day, step, note
