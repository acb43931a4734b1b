-- Its partitions, and where they are, stay as they are.
ALTER TABLE clicks RENAME TO archived_clicks
