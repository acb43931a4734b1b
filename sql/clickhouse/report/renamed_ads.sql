-- Ads whose names changed within a range; within a day, where whole days are told from the rollup.
SELECT ad_id
FROM ad_names
WHERE revision <= {names_revision:UInt32}
  AND valid_from > toDateTime({names_from_s:UInt32}, 'UTC') AND valid_from < toDateTime({names_to_s:UInt32}, 'UTC')
  AND ({within_days} OR valid_from != toStartOfDay(valid_from))
