-- Partitions that the consumers of the Kafka tables have.
SELECT sum(length(`assignments.partition_id`)) AS partitions
FROM system.kafka_consumers
WHERE database = 'ads' AND table LIKE 'queue\\_%'
