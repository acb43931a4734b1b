-- Exists in this session only.
CREATE TEMPORARY TABLE IF NOT EXISTS run_totals
(
    documents BIGINT,
    clicks BIGINT,
    archived BIGINT,
    late_included BIGINT
);
