ALTER TABLE ads.clicks ADD IF NOT EXISTS
{partitions};
