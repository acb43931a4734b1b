-- Sessions of users on an ad: clicks of a user with pauses of at most the gap. Clicks of published days are those
-- that the runs have counted, each once; on other days all rows. They are combined before they are split into
-- sessions, so that no session ends at the end of a day.
SELECT
    count() AS total,
    uniqExact(user_id) AS users,
    sum(of_runs) AS run_clicks,
    sum(length(session)) - sum(of_runs) AS realtime_clicks,
    sum(to_ms - from_ms) AS session_ms,
    arraySlice(groupArraySorted({upto:UInt32})((from_ms, user_id, to_ms, length(session))),
               {offset:UInt32} + 1, {limit:UInt32}) AS page
FROM
(
    SELECT
        user_id,
        arrayJoin(arraySplit((click, pause) -> pause > {gap_ms:Int64}, clicks, arrayDifference(clicks.1))) AS session,
        session[1].1 AS from_ms,
        session[-1].1 AS to_ms,
        arraySum(session.2) AS of_runs
    FROM
    (
        SELECT user_id, arraySort(groupArray((ms, is_of_run))) AS clicks
        FROM
        (
            SELECT user_id, ms, 1 AS is_of_run
            FROM
            (
                SELECT DISTINCT event_id, toUnixTimestamp64Milli(click_timestamp) AS ms, user_id, ip, country
                FROM clicks
                WHERE ad_id = {ad_id:String}
                  AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
                  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
                  AND topic_offset < {highest_cut:UInt64}
                  AND topic_offset < {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
                  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
            )
            UNION ALL
            SELECT user_id, toUnixTimestamp64Milli(click_timestamp) AS ms, 0 AS is_of_run
            FROM clicks
            WHERE ad_id = {ad_id:String}
              AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
              AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
              AND arrayExists((from_ms, to_ms) -> toUnixTimestamp64Milli(click_timestamp) >= from_ms
                                                   AND toUnixTimestamp64Milli(click_timestamp) < to_ms,
                              {froms:Array(Int64)}, {tos:Array(Int64)})
              AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
        )
        GROUP BY user_id
    )
)
