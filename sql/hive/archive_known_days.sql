SHOW PARTITIONS ads.clicks;
