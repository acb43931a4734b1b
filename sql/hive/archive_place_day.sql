ALTER TABLE archived_clicks PARTITION (dt = {day}) SET LOCATION {location};
