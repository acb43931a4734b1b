import { describe, expect, test } from 'vitest';
import { explained, explaining, faultOf, isPermanent, isRefusal, withExplanation } from './faults.ts';

const ENGINES = ['kafka', 'clickhouse', 'elasticsearch', 'hive'] as const;
const failing = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

describe('faults of TLS and of the network are the same for every engine', () => {
  test.each([
    ['authority', failing('self-signed certificate in certificate chain', { code: 'SELF_SIGNED_CERT_IN_CHAIN' })],
    ['authority', failing('Connection error: unable to verify the first certificate')],
    ['expired', failing('certificate has expired', { code: 'CERT_HAS_EXPIRED' })],
    ['name', failing("Hostname/IP does not match certificate's altnames", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
    ['client_certificate', failing('alert', { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })],
    ['not_tls', failing('EPROTO 1:error:0A00010B:SSL routines:ssl3_get_record:wrong version number')],
    ['closed', failing('Closed connection')],
    ['unreachable', failing('getaddrinfo ENOTFOUND nowhere', { code: 'ENOTFOUND' })],
    ['unreachable', failing('connect ECONNREFUSED 127.0.0.1:1')],
  ] as const)('%s', (fault, error) => {
    for (const engine of ENGINES) {
      expect(faultOf(engine, error)?.fault).toBe(fault);
      expect(faultOf(engine, new Error('no session', { cause: new Error('again', { cause: error }) }))?.fault).toBe(
        fault,
      );
      expect(isPermanent(fault)).toBe(fault !== 'unreachable' && fault !== 'closed');
    }
  });
});

test.each([
  ['kafka', 'password', failing('SASL PLAIN authentication failed', { name: 'KafkaJSSASLAuthenticationError' })],
  ['kafka', 'right', failing('Not authorized', { type: 'TOPIC_AUTHORIZATION_FAILED' })],
  ['kafka', 'right', failing('creation', { errors: [failing('denied', { type: 'CLUSTER_AUTHORIZATION_FAILED' })] })],
  ['clickhouse', 'password', failing('click: Authentication failed', { code: '516' })],
  ['clickhouse', 'right', failing('Not enough privileges', { code: '497' })],
  ['elasticsearch', 'password', failing('security_exception', { statusCode: 401 })],
  ['elasticsearch', 'right', failing('security_exception', { statusCode: 403 })],
  ['hive', 'password', failing('Authentication error: Error validating the login')],
  ['hive', 'password', new Error('lost', { cause: failing('bad HTTP status code: 401', { statusCode: 401 }) })],
  ['hive', 'right', failing('HiveAccessControlException Permission denied: Principal [name=reader]')],
] as const)('%s: %s', (engine, fault, error) => expect(faultOf(engine, error)?.fault).toBe(fault));

test('what no setting is to blame for is left as it was', () => {
  const error = failing('Table ads.clicks does not exist', { code: '60' });
  expect(faultOf('clickhouse', error)).toBeNull();
  expect(withExplanation('clickhouse', 'ch:8443', error).message).toBe('Table ads.clicks does not exist');
  expect(isRefusal(error)).toBe(false);
  expect(isRefusal(withExplanation('clickhouse', 'ch:8443', failing('no', { code: 'ECONNREFUSED' })))).toBe(false);
});

test('an explained error keeps its class and its codes, and is explained once, in one line', () => {
  class Denied extends Error {
    code = '497';
  }
  const error = new Denied('click: Not enough privileges.\n To execute this query, have the grant INSERT. ');
  for (let i = 0; i < 2; i++) expect(withExplanation('clickhouse', 'ch:8443', error)).toBe(error);
  expect(error).toBeInstanceOf(Denied);
  expect(isRefusal(error)).toBe(true);
  expect(error.code).toBe('497');
  expect(error.message).toBe(
    'ClickHouse at ch:8443: the user may not do this (click: Not enough privileges. To execute this query, have the grant ' +
      'INSERT.): grant it what docs/operations.md lists under "Secured engines", or change the user in CLICKHOUSE_URL and ' +
      'CLICKHOUSE_PASSWORD (or CLICKHOUSE_PASSWORD_FILE) to a user who has it',
  );
});

test('what Elasticsearch says is told without its repetition, and with the missing right, which comes last', () => {
  const [indexes, right] = ['ad-minutes-2026.01.01-rt,'.repeat(20), 'granted by the index privileges [write,all]'];
  const reason = (on: string): string =>
    `action [indices:data/write/bulk] is unauthorized on indices [${on}], ${right}`;
  const said = (on: string): string | undefined =>
    faultOf(
      'elasticsearch',
      failing(`security_exception\n\tRoot causes:\n\t\tsecurity_exception: ${reason(on)}`, { statusCode: 403 }),
    )?.said;
  expect(said('a')).toBe(reason('a'));
  expect(said(indexes)).toMatch(/^action .+ … .+ granted by the index privileges \[write,all\]$/);
  expect(said(indexes)?.length).toBeLessThan(310);
});

test('each engine names its own settings', () => {
  const error = failing('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const settings = ['KAFKA_SSL_CA_FILE', 'CLICKHOUSE_CA_FILE', 'ELASTICSEARCH_CA_FILE', 'HIVE_CA_FILE'];
  for (const [i, engine] of ENGINES.entries())
    expect(explained(engine, 'h:1', error)).toContain(`set ${settings[i]} to`);
});

test('methods reject with what their errors are explained as; answers and properties are as they were', async () => {
  class Client {
    readonly #name = 'client';
    name = () => this.#name;
    ask = async (fails: boolean): Promise<string> => {
      if (fails) throw new Error('no');
      return this.#name;
    };
    database = 'ads';
  }
  const client = explaining(new Client(), (error) => new Error(`explained: ${(error as Error).message}`));
  expect([client.name(), client.database, await client.ask(false)]).toEqual(['client', 'ads', 'client']);
  await expect(client.ask(true)).rejects.toThrow('explained: no');
});
