-- Copies below the cut with other annotations than the first copy of their click, by arrival and place. Only ids whose
-- rows differ in annotations can contribute, and those are few; the hashes are only for finding them. The order of names
-- does not matter. Files from before there were annotations lack their column.
WITH archived AS (
    SELECT NULL::MAP(VARCHAR, VARCHAR) AS annotations WHERE false
    UNION ALL BY NAME
    FROM read_parquet($paths, union_by_name = true)
),
below AS NOT MATERIALIZED (
    SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset,
        list_sort(coalesce(map_entries(annotations), [])) AS annotations
    FROM archived
    WHERE topic_offset < $offsets[list_position($names, topic_partition)]
)
SELECT count(*) FILTER (annotations != spoken) AS conflicts
FROM (
    SELECT annotations, first_value(annotations) OVER (
        PARTITION BY event_id, ad_id, click_timestamp, user_id, ip, country
        ORDER BY arrived_at, topic_partition, topic_offset
    ) AS spoken
    FROM below
    WHERE hash(event_id) IN (
        SELECT hash(event_id)
        FROM below
        GROUP BY hash(event_id)
        HAVING min(hash(annotations)) != max(hash(annotations))
    )
);
