version=2
rule=:[AdClickEvent] %ad_id:char-to:,%, %click_timestamp:char-to:,%, %user_id:char-to:,%, %ip:char-to:,%, %country:char-to:,%, %event_id:rest%
rule=:[AdClickEvent] %ad_id:char-to:,%, %click_timestamp:char-to:,%, %user_id:char-to:,%, %ip:char-to:,%, %country:word%
