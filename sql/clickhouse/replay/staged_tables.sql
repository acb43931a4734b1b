SELECT name FROM system.tables WHERE database = 'ads_replay_{replay}'
