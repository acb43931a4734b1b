import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { connect } from 'node:net';
import hiveDriver from 'hive-driver';
import kafkajs from 'kafkajs';
import type { Deed, HiveDeed, KafkaDeed } from './deeds.ts';

/** Run by itself, as another user of the machine: tries each deed, and prints what came of it. */
const LIMIT_MS = 30_000;

/** The drivers have what a server said in a list, beneath an error of their own, or in its answer. */
type Failure = Error & {
  errors?: unknown[];
  partitions?: { error: unknown }[];
  response?: { errorMessage?: string };
};

function saidBy(error: unknown): string[] {
  const { message = String(error), errors = [], partitions = [], response, cause } = Object(error) as Failure;
  const beneath = [...errors, ...partitions.map((one) => one.error), ...(cause ? [cause] : [])];
  return [message, ...(response?.errorMessage ? [response.errorMessage] : []), ...beneath.flatMap(saidBy)];
}

async function attempt(deed: Deed): Promise<string> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no end within ${LIMIT_MS / 1000} s`)), LIMIT_MS).unref();
  });
  try {
    return `done: ${await Promise.race([late, carryOut(deed)])}`;
  } catch (error) {
    return saidBy(error).join(': ');
  }
}

function carryOut(deed: Deed): Promise<unknown> {
  if (deed.engine === 'kafka') return onKafka(deed);
  if (deed.engine === 'hive') return onHive(deed);
  if (deed.engine === 'controller') return quorumOf(deed.port);
  return fetch(deed.url, deed.body === undefined ? {} : { method: 'POST', body: deed.body }).then(async (answer) => {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return text;
  });
}

/** No client of Kafka asks a controller: DescribeQuorum, version 0, of no topics. */
async function quorumOf(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from('0000000d00370000000000010000000100', 'hex'));
  const answered = once(socket, 'data').then(([answer]) => `${(answer as Buffer).length} bytes`);
  const closed = once(socket, 'close').then(() => Promise.reject(new Error('closed')));
  return Promise.race([answered, closed]).finally(() => socket.destroy());
}

async function onKafka({ broker, login, act, topic, group }: KafkaDeed): Promise<unknown> {
  const kafka = new kafkajs.Kafka({
    brokers: [broker],
    ...(login && { sasl: { mechanism: 'plain', ...login } }),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 100 },
  });
  if (act === 'produce') {
    const producer = kafka.producer();
    await producer.connect();
    return producer.send({ topic, messages: [{ value: 'of a stranger' }] }).then(() => 'sent');
  }
  if (act === 'consume') {
    const consumer = kafka.consumer({ groupId: group });
    const read = new Promise<string>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => reject(error));
      consumer
        .connect()
        .then(() => consumer.subscribe({ topic, fromBeginning: true }))
        .then(() => consumer.run({ eachMessage: async ({ message }) => resolve(`read offset ${message.offset}`) }))
        .catch(reject);
    });
    return read.finally(() => consumer.disconnect());
  }
  const admin = kafka.admin();
  await admin.connect();
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes, ResourcePatternTypes } =
    kafkajs;
  switch (act) {
    case 'list':
      return admin.listTopics();
    case 'metadata':
      return admin.fetchTopicMetadata({ topics: [topic] }).then(({ topics }) => topics.map(({ name }) => name));
    case 'offsets':
      return admin.fetchOffsets({ groupId: group, topics: [topic] }).then(() => 'offsets');
    case 'reset':
      return admin.resetOffsets({ groupId: group, topic, earliest: true }).then(() => 'reset');
    case 'create':
      return admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false });
    case 'delete':
      return admin.deleteTopics({ topics: [topic] }).then(() => 'deleted');
    case 'empty':
      // It must have heard of the topic before.
      await admin.fetchTopicOffsets(topic);
      return admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] }).then(() => 'emptied');
    case 'configure': {
      const configEntries = [{ name: 'retention.ms', value: '1' }];
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
      return admin.alterConfigs({ validateOnly: false, resources });
    }
    case 'grant': {
      const rule = { principal: 'User:analyst', host: '*', permissionType: AclPermissionTypes.ALLOW };
      const resource = { resourceName: topic, resourcePatternType: ResourcePatternTypes.LITERAL };
      const operation = AclOperationTypes.ALL;
      return admin.createAcls({ acl: [{ ...rule, ...resource, resourceType: AclResourceTypes.TOPIC, operation }] });
    }
  }
}

async function onHive({ port, login, configuration, statement }: HiveDeed): Promise<unknown> {
  const { TCLIService, TCLIService_types } = hiveDriver.thrift;
  const client = new hiveDriver.HiveClient(TCLIService, TCLIService_types);
  const utils = new hiveDriver.HiveUtils(TCLIService_types);
  const lost = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.on('close', () => reject(new Error('connection closed')));
  });
  const ask = async (): Promise<unknown> => {
    await client.connect(
      { host: '127.0.0.1', port },
      new hiveDriver.connections.TcpConnection(),
      new hiveDriver.auth.PlainTcpAuthentication(login),
    );
    const session = await client.openSession({
      client_protocol: TCLIService_types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
      ...(configuration && { configuration }),
    });
    const operation = await session.executeStatement(statement, { runAsync: true });
    await utils.waitUntilReady(operation, false, () => {});
    await utils.fetchAll(operation);
    const rows = JSON.stringify(utils.getResult(operation).getValue());
    await session.close();
    return rows;
  };
  return Promise.race([lost, ask()]).finally(() => client.close());
}

const results: string[] = [];
for (const deed of JSON.parse(process.argv[2] ?? '[]') as Deed[]) results.push(await attempt(deed));
writeSync(1, JSON.stringify(results));
process.exit(0);
