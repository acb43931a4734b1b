-- What replays that did not end have left.
SELECT toUInt32(substring(name, length('ads_replay_') + 1)) AS replay
FROM system.databases
WHERE match(name, '^ads_replay_[0-9]+$')
ORDER BY replay
