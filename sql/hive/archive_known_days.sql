SHOW PARTITIONS archived_clicks;
