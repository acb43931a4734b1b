-- A replay that was decided before the tables had this column is exchanged all the same: both must have it.
ALTER TABLE {staging}.{source} ADD COLUMN IF NOT EXISTS annotations Map(String, String)
