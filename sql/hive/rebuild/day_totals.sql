-- Exists in this session only.
CREATE TEMPORARY TABLE IF NOT EXISTS day_totals
(
    dt STRING,
    documents BIGINT,
    clicks BIGINT,
    archived BIGINT,
    late_included BIGINT
);
