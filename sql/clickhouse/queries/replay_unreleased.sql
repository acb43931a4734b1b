SELECT step FROM sink_pauses WHERE replay = {replay:UInt32} GROUP BY step HAVING max(released) = 0
