SELECT version, sink_offsets AS offsets, toUnixTimestamp64Milli(boundary) AS boundaryMs, filters
FROM publisher_progress FINAL
WHERE id = 0
