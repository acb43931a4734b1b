-- Every rejection that is not to be sent any more, with its click.
SELECT rejection, event_id, ad_id, toUnixTimestamp64Milli(click_timestamp) AS click_timestamp, user_id, ip, country
FROM ads.redriven
WHERE rejected_topic = {rejected_topic:String} AND state != 'sending'
