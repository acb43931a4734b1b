-- The counts of all kinds side by side. Ratios are made of sums of these, never of ratios of minutes.
CREATE OR REPLACE VIEW ads.performance_per_minute AS
SELECT ad_id, minute, country, sum(impressions) AS impressions, sum(clicks) AS clicks, sum(conversions) AS conversions
FROM ({counts})
GROUP BY ad_id, minute, country;

-- The runs of all kinds.
CREATE OR REPLACE VIEW ads.all_runs AS {runs};
