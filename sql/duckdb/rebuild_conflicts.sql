-- Distinct clicks minus distinct event ids, below the cut. Only ids with differing rows can contribute, and those
-- are few; the hashes are only for finding them.
WITH below AS (
    SELECT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM read_parquet($paths)
    WHERE topic_offset < $offsets[list_position($names, topic_partition)]
)
SELECT count(*) - count(DISTINCT event_id) AS conflicts
FROM (
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM below
    WHERE hash(event_id) IN (
        SELECT hash(event_id)
        FROM below
        GROUP BY hash(event_id)
        HAVING min(hash(event_id, ad_id, click_timestamp, user_id, ip, country))
            != max(hash(event_id, ad_id, click_timestamp, user_id, ip, country))
    )
);
