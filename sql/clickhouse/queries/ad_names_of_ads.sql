-- The names of some ads, as known with a revision.
SELECT
    ad_id,
    toUnixTimestamp(valid_from) AS valid_from_s,
    argMax(ad_names.name, revision) AS name,
    argMax(ad_names.campaign, revision) AS campaign,
    argMax(ad_names.advertiser, revision) AS advertiser
FROM ad_names
WHERE revision <= {names_revision:UInt32} AND ad_id IN {ads:Array(String)}
GROUP BY ad_id, valid_from
ORDER BY ad_id, valid_from
