-- What the consumers of the Kafka tables have read so far.
SELECT sum(num_messages_read) AS messages
FROM system.kafka_consumers
WHERE database = 'ads' AND table LIKE 'queue\\_%'
