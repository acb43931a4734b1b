-- One revision of a registered filter, whatever became of the filter later.
SELECT
    entry.filter_id AS id,
    entry.revision AS last_revision,
    entry.name AS name,
    entry.definition AS definition,
    entry.is_deleted AS is_deleted,
    toUnixTimestamp64Milli(entry.recorded_at) AS recorded_ms
FROM ads.filters AS entry
WHERE entry.filter_id = {id:UInt32} AND entry.revision = {revision:UInt32}
LIMIT 1
