ALTER TABLE {table:Identifier} DROP PARTITION ID {month:String}
