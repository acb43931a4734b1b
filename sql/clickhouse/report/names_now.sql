-- The names that hold at a time, as known with a revision, as if they always had.
SELECT
    ad_id,
    toInt64(0) AS valid_from_s,
    argMax(ad_names.campaign, (valid_from, revision)) AS campaign,
    argMax(ad_names.advertiser, (valid_from, revision)) AS advertiser
FROM ad_names
WHERE revision <= {names_revision:UInt32} AND valid_from <= toDateTime({names_at_s:UInt32}, 'UTC')
GROUP BY ad_id
