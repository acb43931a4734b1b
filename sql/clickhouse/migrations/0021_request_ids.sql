-- The id of the HTTP request (X-Request-Id) by which it was asked for: the same one is in the API's log and audit log, and in
-- the log lines of the nightly role. '' before there were such ids.
ALTER TABLE ads.run_requests
    ADD COLUMN IF NOT EXISTS request_id String DEFAULT '';
