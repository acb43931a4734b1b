-- One revision of a filter.
SELECT name, definition, is_deleted, toUnixTimestamp64Milli(recorded_at) AS recorded_ms
FROM ads.filters
WHERE filter_id = {id:UInt32} AND revision = {revision:UInt32}
