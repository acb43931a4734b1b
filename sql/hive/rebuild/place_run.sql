ALTER TABLE clicks_per_minute_runs PARTITION (dt = {day}, run = {run}) SET LOCATION {location};
