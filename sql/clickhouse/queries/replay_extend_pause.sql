INSERT INTO sink_pauses (replay, step, until)
SELECT {replay:UInt32}, {step:String}, addMilliseconds(now64(3, 'UTC'), {for_ms:UInt32})
