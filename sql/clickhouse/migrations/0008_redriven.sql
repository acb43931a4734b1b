-- Rejected clicks that were sent again, each by its rejection (the key of its message on rejected_topic, its place).
-- Rows are only ever added: 'sending' before a click is sent, 'sent' with the place it got once that is known, 'copy'
-- for one that agrees in every field with another that was sent. A rejection with nothing but 'sending' was left by a
-- re-drive that was killed. What is here in state 'sent' are messages of `clicks` that no log line was read for.
CREATE TABLE IF NOT EXISTS ads.redriven
(
    rejected_topic LowCardinality(String),
    rejection String,
    state LowCardinality(String),
    redrive UUID,
    reason LowCardinality(String),
    event_id String,
    ad_id String,
    click_timestamp DateTime64(3, 'UTC'),
    user_id String,
    ip String,
    country LowCardinality(String),
    topic_partition LowCardinality(String),
    topic_offset Nullable(UInt64),
    redriven_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (rejected_topic, rejection);
