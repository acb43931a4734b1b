SELECT toString(runs.date) AS date, runs.run AS run, runs.first_run AS first_run, runs.cut AS cut,
       of_run.filters AS filters
FROM published_runs AS runs
LEFT JOIN
(
    SELECT date, run, groupUniqArray(concat(toString(filter_id), '.', toString(revision))) AS filters
    FROM run_filters
    WHERE date >= {from_day:Date} AND date <= {to_day:Date}
    GROUP BY date, run
) AS of_run ON of_run.date = runs.date AND of_run.run = runs.run
WHERE runs.date >= {from_day:Date} AND runs.date <= {to_day:Date}
ORDER BY runs.date
