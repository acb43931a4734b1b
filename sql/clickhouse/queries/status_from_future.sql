SELECT count() AS clicks, toString(toDateTime(max(arrived_at), 'UTC')) AS newest
FROM clicks_from_future
