-- The commit point: the sink exchanges a table of the new name, whatever becomes of the replay; under the old name
-- it drops it when the pause has expired. Only one of the two finds the table.
RENAME TABLE {staging}.clicks TO {staging}.decided_clicks;
