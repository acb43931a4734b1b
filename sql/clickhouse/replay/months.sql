SELECT arrayJoin(months) AS month FROM replays WHERE replay = {replay} AND state = 'staged'
