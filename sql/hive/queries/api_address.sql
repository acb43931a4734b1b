-- An address as a hexadecimal number, 8 digits for IPv4 and 32 for IPv6, so that they compare as text. Stored
-- addresses are canonical: `::` stands for all missing groups, and dotted notation occurs only after `::`
-- (`::1.2.3.4`).
CASE
    WHEN ip LIKE '%.%' THEN concat(
        CASE WHEN ip LIKE '%:%' THEN repeat('0', 24) ELSE '' END,
        lower(lpad(hex(
            CAST(split(regexp_replace(ip, '^.*:', ''), '[.]')[0] AS BIGINT) * 16777216
            + CAST(split(regexp_replace(ip, '^.*:', ''), '[.]')[1] AS BIGINT) * 65536
            + CAST(split(regexp_replace(ip, '^.*:', ''), '[.]')[2] AS BIGINT) * 256
            + CAST(split(regexp_replace(ip, '^.*:', ''), '[.]')[3] AS BIGINT)), 8, '0')))
    ELSE regexp_replace(
        regexp_replace(
            regexp_replace(regexp_replace(ip, '([0-9a-f]+)', '000$1'), '[0-9a-f]*([0-9a-f][0-9a-f][0-9a-f][0-9a-f])', '$1'),
            '::',
            repeat('0', 32 - length(regexp_replace(
                regexp_replace(regexp_replace(ip, '([0-9a-f]+)', '000$1'), '[0-9a-f]*([0-9a-f][0-9a-f][0-9a-f][0-9a-f])', '$1'),
                ':', '')))),
        ':', '')
END
