-- Views over ads.clicks that differ from this replay's, or that it lacks.
SELECT name
FROM system.tables
WHERE database = currentDatabase() AND engine = 'MaterializedView'
  AND has((SELECT arrayFlatten(groupArray(dependencies_table)) FROM system.tables WHERE database = currentDatabase() AND name = 'clicks'), name)
  AND (name, as_select) NOT IN
  (
      SELECT name, replaceAll(as_select, '{staging}.', currentDatabase() || '.')
      FROM system.tables
      WHERE database = '{staging}' AND engine = 'MaterializedView'
  )
