ALTER TABLE clicks_per_minute_runs ADD IF NOT EXISTS PARTITION (dt = {day}, run = {run}) LOCATION {location};
