SELECT count() AS clicks, toString(toDateTime(max(arrived_at), 'UTC')) AS newest
FROM ads.clicks_from_future
