-- A number of each table that a block writes to, which grows with every part written there: at least by one with each
-- block. How far it has grown is how many tokens were added to the table's window at most.
SELECT toUInt64(max(max_block_number)) AS inserts
FROM system.parts
WHERE database = 'ads' AND table IN ('clicks', 'copies_dropped', 'minutes_by_ad', 'minutes_by_minute') AND active
GROUP BY table
ORDER BY table
