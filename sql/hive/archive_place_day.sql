ALTER TABLE ads.clicks PARTITION (dt = {day}) SET LOCATION {location};
