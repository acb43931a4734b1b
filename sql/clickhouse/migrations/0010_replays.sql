-- Replays: real-time tables of some days derived anew from the archive. Rows are only ever added, each an event in the
-- life of a replay: 'begun', then 'staged' (the next statement is its commit point: see DECIDED in domain/replay.ts), 'done',
-- or 'failed'. Days are [from_date, to_date). months: those of arrival in which anything was replaced.
CREATE TABLE IF NOT EXISTS ads.replays
(
    replay UInt32,
    state LowCardinality(String),
    from_date Date,
    to_date Date,
    reason String,
    requested_by String,
    started_at DateTime64(3, 'UTC'),
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    months Array(String),
    cut Map(String, UInt64),
    inputs String,
    before String,
    after String,
    note String
)
ENGINE = MergeTree
ORDER BY (replay, recorded_at);

-- While a pause is in force, or a replay is decided and not exchanged yet, the sink begins no new range. `until` is by
-- this server's clock, the one clock that all look at; each row moves it further; one with released = 1 ends the pause.
CREATE TABLE IF NOT EXISTS ads.sink_pauses
(
    replay UInt32,
    step LowCardinality(String),
    until DateTime64(3, 'UTC'),
    released UInt8 DEFAULT 0,
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (replay, step);

-- The sink's answer: it stands in this partition, with everything below the offset stored and committed.
CREATE TABLE IF NOT EXISTS ads.sink_stands
(
    replay UInt32,
    step LowCardinality(String),
    topic_partition LowCardinality(String),
    topic_offset UInt64,
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (replay, step, topic_partition);
