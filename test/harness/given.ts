/** Settings of the engines that CI or a developer may bring along instead of the embedded ones. */
export const GIVEN_ENGINES = ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'HIVE_URL', 'ELASTICSEARCH_URL'] as const;
