-- Databases left by unfinished replays.
SELECT toUInt32(substring(name, length('ads_replay_') + 1)) AS replay
FROM system.databases
WHERE match(name, '^ads_replay_[0-9]+$')
ORDER BY replay
