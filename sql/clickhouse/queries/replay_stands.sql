SELECT topic_partition AS name, max(topic_offset) AS offset
FROM sink_stands
WHERE replay = {replay:UInt32} AND step = {step:String}
GROUP BY topic_partition
