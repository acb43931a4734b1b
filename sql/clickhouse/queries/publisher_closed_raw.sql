-- Counts of the minutes [from_ms, to_ms) of a filter that asks for addresses or users: raw rows as they are.
SELECT toUnixTimestamp(toStartOfMinute(toDateTime(click_timestamp, 'UTC'))) * 1000 AS minute, ad_id, country,
       count() AS total
FROM ads.clicks
WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({any_country:Bool} OR country IN {in_country:Array(String)})
  AND country NOT IN {not_country:Array(String)}
  AND ({any_user_id:Bool} OR user_id IN {in_user_id:Array(String)})
  AND user_id NOT IN {not_user_id:Array(String)}
  AND ({any_ip:Bool} OR (isIPv4String(ip) OR isIPv6String(ip))
       AND arrayExists(network -> isIPAddressInRange(ip, network), {in_ip:Array(String)}))
  AND NOT ((isIPv4String(ip) OR isIPv6String(ip))
           AND arrayExists(network -> isIPAddressInRange(ip, network), {not_ip:Array(String)}))
GROUP BY minute, ad_id, country
ORDER BY minute
