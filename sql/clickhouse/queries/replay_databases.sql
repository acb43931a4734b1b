-- Databases left by unfinished replays.
SELECT toUInt32(substring(name, length(currentDatabase()) + length('_replay_') + 1)) AS replay
FROM system.databases
WHERE match(name, '^' || currentDatabase() || '_replay_[0-9]+$')
ORDER BY replay
