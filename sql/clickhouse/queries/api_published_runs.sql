SELECT toString(runs.date) AS date, runs.run AS run, runs.first_run AS first_run, runs.cut AS cut
FROM ads.published_runs AS runs
WHERE runs.date >= {from_day:Date} AND runs.date <= {to_day:Date}
ORDER BY runs.date
