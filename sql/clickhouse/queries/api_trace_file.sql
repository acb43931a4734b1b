-- The archived file that a message of a day is in, by what runs have read: that of the last range of its partition that
-- begins at or before it.
SELECT path AS file, sha256
FROM run_inputs
WHERE date = {day:Date} AND startsWith(manifest, {log:String}) AND manifest <= {last:String}
ORDER BY manifest DESC, run DESC
LIMIT 1
