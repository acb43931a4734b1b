-- Views over ads.clicks that differ from this replay's, or that it lacks.
SELECT name
FROM system.tables
WHERE database = 'ads' AND engine = 'MaterializedView'
  AND has((SELECT arrayFlatten(groupArray(dependencies_table)) FROM system.tables WHERE database = 'ads' AND name = 'clicks'), name)
  AND (name, as_select) NOT IN
  (
      SELECT name, replaceAll(as_select, 'ads_replay_{replay}.', 'ads.')
      FROM system.tables
      WHERE database = 'ads_replay_{replay}' AND engine = 'MaterializedView'
  )
