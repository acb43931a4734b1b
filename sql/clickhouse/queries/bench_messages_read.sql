-- Messages read by the consumers of the Kafka tables so far.
SELECT sum(num_messages_read) AS messages
FROM system.kafka_consumers
WHERE database = 'ads' AND table LIKE 'queue\\_%'
