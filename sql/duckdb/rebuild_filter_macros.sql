-- An address as hexadecimal digits: 8 for IPv4, 32 for IPv6, so that texts of one length sort like the addresses.
CREATE OR REPLACE TEMP MACRO v4_digits(ip) AS
    format('{:02x}{:02x}{:02x}{:02x}', split_part(ip, '.', 1)::INT, split_part(ip, '.', 2)::INT,
           split_part(ip, '.', 3)::INT, split_part(ip, '.', 4)::INT);
CREATE OR REPLACE TEMP MACRO group_digits(groups) AS
    CASE WHEN groups = '' THEN ''
         ELSE array_to_string(list_transform(string_split(groups, ':'), lambda hex: lpad(hex, 4, '0')), '') END;
-- In IPv6, `::` stands for the missing zeros; `::1.2.3.4` is the one form that ends in decimals.
CREATE OR REPLACE TEMP MACRO ip_digits(ip) AS
    CASE WHEN NOT contains(ip, ':') THEN v4_digits(ip)
         WHEN contains(ip, '.') THEN repeat('0', 24) || v4_digits(ltrim(ip, ':'))
         WHEN NOT contains(ip, '::') THEN group_digits(ip)
         ELSE rpad(group_digits(split_part(ip, '::', 1)), (32 - len(group_digits(split_part(ip, '::', 2))))::INT, '0')
              || group_digits(split_part(ip, '::', 2)) END;
-- Networks by their first and last addresses.
CREATE OR REPLACE TEMP MACRO is_within(digits, firsts, lasts) AS
    len(list_filter(range(1, len(firsts) + 1), lambda n:
        len(firsts[n]) = len(digits) AND digits BETWEEN firsts[n] AND lasts[n])) > 0;
