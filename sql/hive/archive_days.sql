ALTER TABLE clicks ADD IF NOT EXISTS
{partitions};
