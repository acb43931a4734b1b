-- The commit point: a table of that name is exchanged by the sink, whatever becomes of the replay; under its old name the
-- sink drops it when the pause has run out. Only one of the two finds the table.
RENAME TABLE ads_replay_{replay}.clicks TO ads_replay_{replay}.decided_clicks;
