-- Currently registered filters.
SELECT filter_id AS filterId, max(revision) AS current, argMax(definition, revision) AS definition
FROM ads.filters
GROUP BY filter_id
HAVING NOT argMax(is_deleted, revision)
ORDER BY filter_id
