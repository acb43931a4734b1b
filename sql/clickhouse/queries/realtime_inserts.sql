-- A number for each table that a block writes to, which grows with every part written there: at least by one with each
-- block. How far it has grown is how many tokens were added to the table's window at most. A table without parts has 0:
-- every table has its place, also before the first block.
SELECT [
    toUInt64(maxIf(max_block_number, table = 'clicks')),
    toUInt64(maxIf(max_block_number, table = 'copies_dropped')),
    toUInt64(maxIf(max_block_number, table = 'minutes_by_ad')),
    toUInt64(maxIf(max_block_number, table = 'minutes_by_minute'))
] AS inserts
FROM system.parts
WHERE database = currentDatabase() AND active
