-- CASCADE: also in the partitions that there are, which late clicks get files with the column in.
ALTER TABLE archived_clicks ADD COLUMNS (annotations MAP<STRING, STRING>) CASCADE
