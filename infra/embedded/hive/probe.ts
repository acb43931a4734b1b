import { once } from 'node:events';
import { auth, connections, HiveClient, HiveUtils, thrift } from 'hive-driver';
import type { Login } from '../../engine_settings/addresses.ts';
import { withTimeout } from '../../with_timeout.ts';

const HOST = '127.0.0.1';
/** Long, because Tez runs one statement at a time, and an abandoned one blocks the next. */
const ANSWER_LIMIT_MS = 120_000;
// Grouping needs a Tez session; a bare SELECT would be answered before there is one.
const STATEMENT = 'SELECT n, count(*) FROM (SELECT explode(array(1, 1)) AS n) t GROUP BY n';

/** Whether HiveServer2 completed a statement in Tez. */
export async function answersWithin(port: number, login: Login): Promise<boolean> {
  const client = new HiveClient(thrift.TCLIService, thrift.TCLIService_types);
  // A dropped connection never settles the driver's promises.
  const dropped = Promise.race([once(client, 'close'), once(client, 'error')]).then(() => false);
  try {
    return await withTimeout(Promise.race([answers(client, port, login), dropped]), ANSWER_LIMIT_MS, () => false);
  } catch {
    return false;
  } finally {
    client.on('error', () => {});
    client.close();
  }
}

async function answers(client: HiveClient, port: number, login: Login): Promise<boolean> {
  await client.connect({ host: HOST, port }, new connections.TcpConnection(), new auth.PlainTcpAuthentication(login));
  const { HIVE_CLI_SERVICE_PROTOCOL_V10 } = thrift.TCLIService_types.TProtocolVersion;
  const session = await client.openSession({ client_protocol: HIVE_CLI_SERVICE_PROTOCOL_V10 });
  try {
    const utils = new HiveUtils(thrift.TCLIService_types);
    const operation = await session.executeStatement(STATEMENT, { runAsync: true });
    await utils.waitUntilReady(operation, false, () => {});
    await utils.fetchAll(operation);
    return utils.getResult(operation).getValue().length === 1;
  } finally {
    await session.close();
  }
}
