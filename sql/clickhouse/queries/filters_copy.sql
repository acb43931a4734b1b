-- Rows of the copy of filter revisions, of a filter or of all.
SELECT *
FROM ads.filters
WHERE {id:Nullable(UInt32)} IS NULL OR filter_id = {id:Nullable(UInt32)}
ORDER BY filter_id, revision, recorded_at
