-- When names changed within a range, for whichever ads.
SELECT toUnixTimestamp(valid_from) AS at_s
FROM ad_names
WHERE revision <= {names_revision:UInt32}
  AND valid_from > toDateTime({names_from_s:UInt32}, 'UTC') AND valid_from < toDateTime({names_to_s:UInt32}, 'UTC')
GROUP BY valid_from
ORDER BY valid_from
LIMIT {limit:UInt32}
