-- Current registered filters, including deleted ones: their revisions continue if they are registered again.
SELECT
    entry.filter_id AS id,
    max(entry.revision) AS last_revision,
    argMax(entry.name, entry.revision) AS name,
    argMax(entry.definition, entry.revision) AS definition,
    argMax(entry.is_deleted, entry.revision) AS is_deleted,
    toUnixTimestamp64Milli(argMax(entry.recorded_at, entry.revision)) AS recorded_ms
FROM ads.filters AS entry
WHERE (empty({ids:Array(UInt32)}) OR entry.filter_id IN {ids:Array(UInt32)})
GROUP BY entry.filter_id
ORDER BY entry.filter_id
