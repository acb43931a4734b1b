SELECT arrayJoin(months) AS month FROM ads.replays WHERE replay = {replay} AND state = 'staged'
