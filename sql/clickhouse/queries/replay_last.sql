SELECT max(replay) AS replay FROM ads.replays
