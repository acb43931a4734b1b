import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedEngine } from '../infra/embedded/engine.ts';
import { answers } from '../infra/embedded/kafka/probe.ts';
import type { KafkaAddress } from '../infra/engine_settings/addresses.ts';

export const openAddress = (port: number): KafkaAddress => ({
  brokers: [`127.0.0.1:${port}`],
  tls: null,
  sasl: null,
});

/**
 * The embedded Kafka of a benchmark, which asks its clients for no password: peers and commits from before there was one
 * have none. A password is asked for once a connection, so no figure is another for it.
 */
export const openBroker = (engine: EmbeddedEngine, dataDir: string, port: number): EmbeddedEngine => ({
  ...engine,
  async prepare() {
    await engine.prepare();
    // What comes last in the file counts.
    appendFileSync(
      join(dataDir, 'engines', 'kafka', 'server.properties'),
      'listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT\nsuper.users=User:clickledger;User:ANONYMOUS\n',
    );
  },
  ready: () => answers(openAddress(port)),
});
