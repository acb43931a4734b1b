-- The conditions of a filter (domain/filter.ts has the same rule), said once for all queries. A filter is bound as
-- Map(String, Array(String)) of 'country', 'ip', 'user_id' and 'not_country', 'not_ip', 'not_user_id': one of the values
-- under each name that is there, so that none matches under an empty list, and none of those under the not_ names.
-- What is not asked folds to a constant, and its column is not read.
CREATE FUNCTION IF NOT EXISTS ads_matches_country AS (filter, country) ->
    (NOT mapContains(filter, 'country') OR country IN filter['country'])
    AND (empty(filter['not_country']) OR country NOT IN filter['not_country']);

-- (isIPAddressInRange fails for a text that is no address.)
CREATE FUNCTION IF NOT EXISTS ads_matches AS (filter, country, ip, user_id) ->
    ads_matches_country(filter, country)
    AND (NOT mapContains(filter, 'user_id') OR user_id IN filter['user_id'])
    AND (empty(filter['not_user_id']) OR user_id NOT IN filter['not_user_id'])
    AND (NOT mapContains(filter, 'ip')
         OR (isIPv4String(ip) OR isIPv6String(ip))
            AND arrayExists(network -> isIPAddressInRange(ip, network), filter['ip']))
    AND (empty(filter['not_ip'])
         OR NOT ((isIPv4String(ip) OR isIPv6String(ip))
                 AND arrayExists(network -> isIPAddressInRange(ip, network), filter['not_ip'])));

-- Of two writers of one revision the first wins: both insert under the revision's token.
ALTER TABLE ads.filters MODIFY SETTING non_replicated_deduplication_window = 100000;
