ALTER TABLE clicks PARTITION (dt = {day}) SET LOCATION {location};
