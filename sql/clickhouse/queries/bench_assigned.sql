-- Partitions that the consumers of the Kafka tables have, and how many consumers have some.
SELECT
    sum(length(`assignments.partition_id`)) AS partitions,
    countIf(notEmpty(`assignments.partition_id`)) AS consumers
FROM system.kafka_consumers
WHERE database = 'ads' AND table LIKE 'queue\\_%'
