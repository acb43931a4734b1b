-- Rows below the cut with annotations.
WITH archived AS (
    SELECT NULL::MAP(VARCHAR, VARCHAR) AS annotations WHERE false
    UNION ALL BY NAME
    FROM read_parquet($paths, union_by_name = true)
)
SELECT count(*) AS annotated
FROM archived
WHERE cardinality(annotations) > 0 AND topic_offset < $offsets[list_position($names, topic_partition)];
