-- Revisions of the names of ads whose rows are all there; one that two processes have copied is there twice.
SELECT revision, change, entries, toUnixTimestamp64Milli(recorded_at) AS recorded_ms, recorded_by
FROM ad_name_revisions
ORDER BY revision
LIMIT 1 BY revision
