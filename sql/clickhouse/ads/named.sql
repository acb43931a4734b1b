-- The first ads that anybody gave names to, in order.
SELECT ad_id
FROM ad_names
WHERE ad_id > {after:String} AND startsWith(ad_id, {prefix:String})
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND revision <= {names_revision:UInt32}
GROUP BY ad_id
ORDER BY ad_id
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1
