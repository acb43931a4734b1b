-- The counts of all kinds side by side. Ratios are made of sums of these, never of ratios of minutes.
CREATE OR REPLACE VIEW ads.performance_per_minute AS
SELECT ad_id, `minute`, country, sum(impressions) AS impressions, sum(clicks) AS clicks, sum(conversions) AS conversions, dt
FROM ({counts}) counted
GROUP BY ad_id, `minute`, country, dt;
