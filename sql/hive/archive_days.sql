ALTER TABLE archived_clicks ADD IF NOT EXISTS
{partitions};
