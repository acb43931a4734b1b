-- What ads are called, from when on. Rows are only ever added; the register decides over revisions, and this is a copy of
-- it, so that questions can be grouped by names. Of rows of an ad with one valid_from the highest revision holds, until the
-- next valid_from of the ad. A text that was not given is empty. Names are those of all kinds of events: only the tables
-- of clicks' database are filled.
CREATE TABLE IF NOT EXISTS ads.ad_names
(
    revision UInt32,
    ad_id String,
    valid_from DateTime('UTC'),
    name String,
    campaign String,
    advertiser String
)
ENGINE = MergeTree
ORDER BY (ad_id, valid_from, revision);

-- Written when all rows of a revision are. change: which change of the register made it.
CREATE TABLE IF NOT EXISTS ads.ad_name_revisions
(
    revision UInt32,
    change UUID,
    entries UInt32,
    recorded_at DateTime64(3, 'UTC'),
    recorded_by String
)
ENGINE = MergeTree
ORDER BY revision;
