import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { createProbingKafka } from '../../../infra/clients/kafka.ts';
import { givenJavaOptions, javaProgram, privateTemporaryFiles } from '../../../infra/embedded/java.ts';
import type { KafkaAddress } from '../../../infra/engine_settings/addresses.ts';
import { defaultCacheDir, engineHome } from '../../../infra/setup/engines.mjs';
import { runTied } from '../../../infra/supervisor/parent_death.ts';
import { freePort } from '../../../infra/supervisor/ports.ts';
import type { ProcessDefinition, SpawnSpec } from '../../../infra/supervisor/types.ts';
import { eventually } from '../wait.ts';
import { documentedRights } from './documented.ts';
import { HOST, PASSWORD, READER, type SecuredSite, USER } from './site.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const BROKERS = [1, 2, 3] as const;
const CLUSTER_ID = 'c2VjdXJlZC1jbHVzdGVyMQ';
const ADMIN = 'admin';
const AWAY_LIMIT_MS = 120_000;
/** Each has a port on each broker. `EXPIRED` shows the certificate that is out of date, `MUTUAL` asks for one. */
const LISTENERS = ['CLIENTS', 'EXPIRED', 'MUTUAL'] as const;
type Listener = (typeof LISTENERS)[number];

interface SecuredKafka {
  processes: ProcessDefinition[];
  /** `localhost:port` of each broker. */
  addresses: Record<Listener, string[]>;
  /** Gives the platform's user the rights that docs/operations.md lists, and the reader none. */
  grant(): Promise<void>;
  /** Brokers that are not started again, by their ids. */
  away: Set<number>;
}

/**
 * Three brokers that are their own controllers: SASL over TLS for clients, brokers and controllers, a private authority,
 * and access lists. Nobody but their administrator is a super user.
 */
export async function securedKafka(site: SecuredSite): Promise<SecuredKafka> {
  const { authority, server, expired } = site;
  const home = engineHome(defaultCacheDir(process.env), 'kafka');
  const ports = new Map<string, number>();
  for (const id of BROKERS)
    for (const name of [...LISTENERS, 'CONTROLLER']) ports.set(`${name}${id}`, await freePort());
  const at = (name: string, id: number): string => `${name}://${HOST}:${ports.get(`${name}${id}`)}`;
  const users = [ADMIN, USER, READER];
  const scram = (listener: string, mechanism: string): string =>
    `listener.name.${listener.toLowerCase()}.${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${ADMIN}" password="${PASSWORD}";`;
  const plain = (listener: string): string =>
    `listener.name.${listener.toLowerCase()}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${users.map((user) => `user_${user}="${PASSWORD}"`).join(' ')};`;
  const stores = { good: authority.together(server), expired: authority.together(expired) };

  const propertiesOf = (id: number, folder: string): string =>
    [
      'process.roles=broker,controller',
      `node.id=${id}`,
      `controller.quorum.voters=${BROKERS.map((other) => `${other}@${HOST}:${ports.get(`CONTROLLER${other}`)}`).join(',')}`,
      `listeners=${[...LISTENERS, 'CONTROLLER'].map((name) => at(name, id)).join(',')}`,
      `advertised.listeners=${LISTENERS.map((name) => at(name, id)).join(',')}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CLIENTS:SASL_SSL,EXPIRED:SASL_SSL,MUTUAL:SSL,CONTROLLER:SASL_SSL',
      'inter.broker.listener.name=CLIENTS',
      'sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512',
      'sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
      // SCRAM needs what the controllers have yet to agree on.
      'sasl.mechanism.controller.protocol=PLAIN',
      'listener.name.controller.sasl.enabled.mechanisms=PLAIN',
      `${plain('CONTROLLER').replace(/;$/, '')} username="${ADMIN}" password="${PASSWORD}";`,
      ...['CLIENTS', 'EXPIRED'].flatMap((name) => [
        scram(name, 'scram-sha-512'),
        scram(name, 'scram-sha-256'),
        plain(name),
      ]),
      'ssl.keystore.type=PEM',
      `ssl.keystore.location=${stores.good}`,
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${authority.file}`,
      'listener.name.expired.ssl.keystore.type=PEM',
      `listener.name.expired.ssl.keystore.location=${stores.expired}`,
      'listener.name.mutual.ssl.client.auth=required',
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      `super.users=User:${ADMIN}`,
      'allow.everyone.if.no.acl.found=false',
      `log.dirs=${join(folder, 'data')}`,
      'offsets.topic.num.partitions=4',
      'offsets.topic.replication.factor=3',
      'transaction.state.log.num.partitions=1',
      'transaction.state.log.replication.factor=3',
      'transaction.state.log.min.isr=2',
      'auto.create.topics.enable=false',
      'group.initial.rebalance.delay.ms=0',
      'group.min.session.timeout.ms=1000',
      'num.network.threads=2',
      'num.io.threads=2',
      // The default needs more than a small heap has.
      'log.cleaner.dedupe.buffer.size=8388608',
    ].join('\n');

  const process_ = (id: number): ProcessDefinition => {
    const folder = join(site.folder, `kafka-${id}`);
    const config = join(folder, 'server.properties');
    const java = (options: string[], main: string, args: string[]): SpawnSpec => ({
      file: javaProgram(),
      args: [...options, ...privateTemporaryFiles(folder), '-cp', join(home, 'lib', '*'), main, ...args],
      env: { PATH: process.env.PATH },
      cwd: folder,
    });
    return {
      name: `kafka-${id}`,
      kind: 'engine',
      async prepare() {
        // The supervisor starts a broker again as soon as it has ended.
        await eventually('the broker may start', async () => !away.has(id), AWAY_LIMIT_MS);
        mkdirSync(join(folder, 'tmp'), { recursive: true });
        writeFileSync(config, propertiesOf(id, folder), { mode: 0o600 });
        const passwords = users.flatMap((name) =>
          ['SCRAM-SHA-512', 'SCRAM-SHA-256'].flatMap((how) => [
            '--add-scram',
            `${how}=[name=${name},password=${PASSWORD}]`,
          ]),
        );
        const format = ['format', '--ignore-formatted', '-t', CLUSTER_ID, '-c', config, ...passwords];
        await runTied(java(['-Xmx128m', '-XX:TieredStopAtLevel=1'], 'kafka.tools.StorageTool', format));
      },
      command: () => java(['-Xms128m', '-Xmx256m', ...givenJavaOptions()], 'kafka.Kafka', [config]),
      ready: () => answers({ ...asAdmin, brokers: [`${HOST}:${ports.get(`CLIENTS${id}`)}`] }),
    };
  };

  const away = new Set<number>();
  const addressesOf = (name: Listener): string[] => BROKERS.map((id) => `${HOST}:${ports.get(`${name}${id}`)}`);
  const asAdmin = adminAddress(addressesOf('CLIENTS'), readFileSync(authority.file, 'utf8'));
  return {
    processes: BROKERS.map(process_),
    away,
    addresses: { CLIENTS: addressesOf('CLIENTS'), EXPIRED: addressesOf('EXPIRED'), MUTUAL: addressesOf('MUTUAL') },
    async grant() {
      const admin = createProbingKafka(asAdmin, ADMIN).admin();
      await admin.connect();
      const rule = { permissionType: AclPermissionTypes.ALLOW, principal: `User:${USER}`, host: '*' };
      const documented = (resourceType: number, of: string) => {
        const { names, rights } = documentedRights('Kafka', of);
        return names.flatMap((resourceName) =>
          rights.map((right) => ({
            ...rule,
            resourceType,
            resourceName,
            resourcePatternType: ResourcePatternTypes.PREFIXED,
            operation: AclOperationTypes[right as keyof typeof AclOperationTypes],
          })),
        );
      };
      await admin.createAcls({
        acl: [...documented(AclResourceTypes.TOPIC, 'topics'), ...documented(AclResourceTypes.GROUP, 'groups')],
      });
      await admin.disconnect();
    },
  };
}

const adminAddress = (brokers: string[], ca: string): KafkaAddress => ({
  brokers,
  tls: { ca },
  sasl: { mechanism: 'scram-sha-512', username: ADMIN, password: PASSWORD },
});

/** Whether the broker, and a controller, serve. */
async function answers(address: KafkaAddress): Promise<boolean> {
  const admin = createProbingKafka(address, ADMIN).admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length === BROKERS.length && controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
