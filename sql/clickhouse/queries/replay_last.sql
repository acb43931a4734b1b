SELECT max(replay) AS replay FROM replays
