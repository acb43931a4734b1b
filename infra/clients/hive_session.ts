import { auth, connections, type HiveClient, thrift } from 'hive-driver';
import type { HiveAddress, Tls } from '../engine_settings/addresses.ts';

const { HIVE_CLI_SERVICE_PROTOCOL_V10 } = thrift.TCLIService_types.TProtocolVersion;

type Session = Awaited<ReturnType<HiveClient['openSession']>>;

/** A session on the one server of the address. */
export async function openHiveSession(client: HiveClient, at: HiveAddress, database: string): Promise<Session> {
  const [{ host, port }] = at.hosts as [HiveAddress['hosts'][number]];
  const { username, password, transport, httpPath, tls } = at;
  const secure = tls === null ? {} : checkedTls(tls);
  if (transport === 'http') {
    const options = { path: `/${httpPath}`, https: tls !== null, nodeOptions: secure };
    await client.connect(
      { host, port, options },
      new connections.HttpConnection(),
      new auth.PlainHttpAuthentication({ username, password }),
    );
  } else {
    await client.connect(
      { host, port, ...(tls !== null && { options: { ssl: true, ...secure } }) },
      new connections.TcpConnection(),
      new auth.PlainTcpAuthentication({ username, password }),
    );
  }
  const configuration = { 'use:database': database };
  return client.openSession({ client_protocol: HIVE_CLI_SERVICE_PROTOCOL_V10, username, password, configuration });
}

/** The driver accepts any certificate, and TLS 1.0, unless it is told otherwise. */
const checkedTls = ({ ca }: Tls) => ({
  ...(ca !== undefined && { ca }),
  rejectUnauthorized: true,
  secureProtocol: undefined,
  minVersion: 'TLSv1.2' as const,
});
