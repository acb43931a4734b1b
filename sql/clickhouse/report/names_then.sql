-- All names as known with a revision, and from when on they hold.
SELECT
    ad_id,
    toInt64(toUnixTimestamp(valid_from)) AS valid_from_s,
    argMax(ad_names.campaign, revision) AS campaign,
    argMax(ad_names.advertiser, revision) AS advertiser
FROM ad_names
WHERE revision <= {names_revision:UInt32} AND valid_from < toDateTime({names_to_s:UInt32}, 'UTC')
GROUP BY ad_id, valid_from
