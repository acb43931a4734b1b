import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import hiveDriver from 'hive-driver';
import type { Receipt } from '../../domain/receipt.ts';
import { ANALYST, analystPasswordFile } from '../../infra/embedded/password.ts';
import { BIN } from '../../prove/platform.ts';

export interface ApiCount {
  ad_id: string;
  count: number;
  receipt: Receipt;
}

export interface PopularAnswer {
  ad_ids: string[];
  ads: { ad_id: string; count: number }[];
  window: number;
  update_time_minute: string;
  receipt: Receipt;
}

/** Sends a request to the API like a dashboard; throws with the problem's text for anything but 200. */
export async function askApi<T>(env: Record<string, string>, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${env.API_PORT}${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export const count = (
  env: Record<string, string>,
  ad: string,
  from: string | number,
  to: string | number,
  more = '',
): Promise<ApiCount> => askApi(env, `/v1/ads/${encodeURIComponent(ad)}/aggregated_count?from=${from}&to=${to}${more}`);

/**
 * Plain SQL over ClickHouse's HTTP interface, as the analyst.
 * @param parameters values of `{name:Type}` in the query
 */
export async function analystSql<Row>(
  env: Record<string, string>,
  query: string,
  parameters: Record<string, string | number> = {},
): Promise<Row[]> {
  const base = env.CLICKHOUSE_URL ? new URL(env.CLICKHOUSE_URL).host : `127.0.0.1:${env.CLICKHOUSE_PORT}`;
  const values = Object.entries(parameters).map(([name, value]) => `&param_${name}=${encodeURIComponent(value)}`);
  const response = await fetch(`http://${base}/?user=analyst&default_format=JSONEachRow${values.join('')}`, {
    method: 'POST',
    body: query,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/**
 * Elasticsearch's REST interface, as the analyst.
 * @param body of a POST; null: a POST without one
 */
export async function searchRest<T>(env: Record<string, string>, path: string, body?: unknown): Promise<T> {
  const { url, headers } = searchAccess(env);
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined || body === null ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The analyst of the embedded Elasticsearch; for an external one the user named in its address. */
function searchAccess(env: Record<string, string>): { url: string; headers: Record<string, string> } {
  const { origin, username, password } = new URL(env.ELASTICSEARCH_URL ?? `http://127.0.0.1:${env.ELASTICSEARCH_PORT}`);
  const given = decodeURIComponent(`${username}:${password}`);
  const user = env.ELASTICSEARCH_URL === undefined ? `${ANALYST}:${analystPassword(env)}` : given;
  return { url: origin, headers: user === ':' ? {} : { authorization: `Basic ${btoa(user)}` } };
}

/** The generated password of the embedded Elasticsearch's analyst. */
const analystPassword = (env: Record<string, string>): string =>
  readFileSync(analystPasswordFile(String(env.DATA_DIR), 'elasticsearch'), 'utf8').trim();

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `clickledger …` in a separate process, as a user would; that of a release, if CLICKLEDGER_BIN names its
 * launcher.
 */
export function clickledger(env: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [env.CLICKLEDGER_BIN ?? BIN, ...args], { env: { ...process.env, ...env } });
    const result: CommandResult = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      result.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      result.stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...result, code }));
  });
}

export async function clickledgerJson<T>(env: Record<string, string>, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await clickledger(env, ...args, '--json');
  if (code !== 0) throw new Error(`clickledger ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A statement through HiveServer2's own protocol, like any other client. */
export async function hiveRows(env: Record<string, string>, statement: string): Promise<Record<string, unknown>[]> {
  const { TCLIService, TCLIService_types } = hiveDriver.thrift;
  const client = new hiveDriver.HiveClient(TCLIService, TCLIService_types);
  const utils = new hiveDriver.HiveUtils(TCLIService_types);
  const [host, port] = (env.HIVE_URL?.replace(/^.*@|^hive:\/\//, '') ?? `127.0.0.1:${env.HIVE_PORT}`).split(':');
  await client.connect(
    { host: String(host), port: Number(port) },
    new hiveDriver.connections.TcpConnection(),
    new hiveDriver.auth.PlainTcpAuthentication({ username: 'analyst', password: 'any' }),
  );
  try {
    const session = await client.openSession({
      client_protocol: TCLIService_types.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10,
    });
    const operation = await session.executeStatement(statement, { runAsync: true });
    await utils.waitUntilReady(operation, false, () => {});
    await utils.fetchAll(operation);
    const found = utils.getResult(operation).getValue() as Record<string, unknown>[];
    await operation.close();
    await session.close();
    return found;
  } finally {
    client.close();
  }
}
