import type { KafkaAddress } from '../../engine_settings/addresses.ts';
import { APPLICATION_USER } from '../password.ts';

/** @param password null: the broker has not been started here yet, so none is known */
export const embeddedKafka = (port: number, password: string | null): KafkaAddress => ({
  brokers: [`127.0.0.1:${port}`],
  tls: null,
  sasl: password === null ? null : { mechanism: 'plain', username: APPLICATION_USER, password },
});
