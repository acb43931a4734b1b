SELECT DISTINCT ad_id, toUnixTimestamp(valid_from) AS valid_from_s, name, campaign, advertiser
FROM ad_names
WHERE revision = {revision:UInt32}
ORDER BY ad_id, valid_from_s
