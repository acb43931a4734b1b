import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Authority } from '../../test/support/certificates.ts';
import { ConfigError } from '../config_error.ts';
import type { Given } from './given.ts';
import { parseHiveUrl, readAddresses } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-settings-'));
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const authority = new Authority(folder);
const [own, other] = [authority.sign('own'), authority.sign('other')];
const old = authority.sign('old', { days: -1 });
const password = fileOf('password', 'from the file\n');
const CA = authority.file;
afterAll(() => rmSync(folder, { recursive: true }));

const KAFKA = { KAFKA_BROKERS: 'a:9093,b:9093' };
const SSL = { ...KAFKA, KAFKA_SSL: 'on' };
const SASL = { ...SSL, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'click' };
const CLICKHOUSE = { CLICKHOUSE_URL: 'https://click@ch:8443' };
const ELASTICSEARCH = { ELASTICSEARCH_URL: 'https://click@es1:9200,https://es2:9200' };
const HIVE = { HIVE_URL: 'hive2://click@h1:10000,h2:10001/;transportMode=http;httpPath=cli;ssl=true' };

describe('addresses', () => {
  test.each<[string, Given, object]>([
    ['nothing is set: all engines are embedded', {}, {}],
    ['brokers alone', KAFKA, { kafka: { brokers: ['a:9093', 'b:9093'], tls: null, sasl: null } }],
    ['TLS with the authorities of Node', SSL, { kafka: { brokers: ['a:9093', 'b:9093'], tls: {}, sasl: null } }],
    [
      'a password in a file, without its line break',
      { ...SASL, KAFKA_SASL_PASSWORD_FILE: password },
      { kafka: { sasl: { mechanism: 'scram-sha-512', username: 'click', password: 'from the file' } } },
    ],
    [
      'copies',
      { ...KAFKA, KAFKA_REPLICATION: '3', KAFKA_MIN_INSYNC_REPLICAS: '2' },
      { kafka: { replication: 3, minInSync: 2 } },
    ],
    [
      'ClickHouse, and a password that a URL could not hold as it is',
      { ...CLICKHOUSE, CLICKHOUSE_PASSWORD: 'a/b@%', CLICKHOUSE_CA_FILE: CA },
      { clickhouse: { url: 'https://ch:8443', login: { username: 'click', password: 'a/b@%' }, ca: /BEGIN/ } },
    ],
    [
      'several nodes of Elasticsearch, one user',
      { ...ELASTICSEARCH, ELASTICSEARCH_PASSWORD_FILE: password, ELASTICSEARCH_REPLICAS: '2' },
      {
        elasticsearch: {
          nodes: ['https://es1:9200', 'https://es2:9200'],
          login: { username: 'click', password: 'from the file' },
          replicas: 2,
        },
      },
    ],
    [
      'an API key',
      { ELASTICSEARCH_URL: 'https://es:9200', ELASTICSEARCH_API_KEY: 'a2V5' },
      { elasticsearch: { nodes: ['https://es:9200'], login: { apiKey: 'a2V5' } } },
    ],
    [
      'two Hives over HTTP',
      { ...HIVE, HIVE_PASSWORD: 'x', HIVE_CA_FILE: CA },
      {
        hive: {
          hosts: [
            { host: 'h1', port: 10_000 },
            { host: 'h2', port: 10_001 },
          ],
          username: 'click',
          password: 'x',
          transport: 'http',
          httpPath: 'cli',
          tls: { ca: /BEGIN/ },
        },
      },
    ],
    [
      'a Hive that asks nobody',
      { HIVE_URL: 'h:1' },
      { hive: { username: 'clickledger', password: 'none', tls: null } },
    ],
  ])('%s', (_, given, expected) => expect(readAddresses(given)).toMatchObject(withMatchers(expected)));

  test('a certificate of the client, with its key', () => {
    const given = { ...SSL, KAFKA_SSL_CERT_FILE: own.cert, KAFKA_SSL_KEY_FILE: own.key, KAFKA_SSL_CA_FILE: CA };
    expect(readAddresses(given).kafka?.tls).toEqual({
      ca: expect.stringContaining('BEGIN CERTIFICATE'),
      cert: expect.stringContaining('BEGIN CERTIFICATE'),
      key: expect.stringContaining('BEGIN PRIVATE KEY'),
    });
  });
});

/** Regular expressions stand for texts that match them. */
const withMatchers = (value: unknown): object =>
  (value instanceof RegExp
    ? expect.stringMatching(value)
    : typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withMatchers(inner)]))
      : value) as object;

describe('what is contradictory, half set or not there stops the start in one line that begins with the setting', () => {
  const SECRET = 'known-secret';
  test.each<[string, Given]>([
    ['KAFKA_SSL', { KAFKA_SSL: 'on' }],
    ['KAFKA_SSL', { ...KAFKA, KAFKA_SSL: 'yes' }],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: `click:${SECRET}@a:9093x` }],
    ['KAFKA_SASL_PASSWORD', { KAFKA_SASL_PASSWORD: SECRET }],
    ['KAFKA_SASL_USERNAME', { ...KAFKA, KAFKA_SASL_USERNAME: 'click' }],
    ['KAFKA_SASL_USERNAME', { ...KAFKA, KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_PASSWORD: SECRET }],
    ['KAFKA_SASL_PASSWORD', SASL],
    ['KAFKA_SASL_PASSWORD', { ...SASL, KAFKA_SASL_PASSWORD: SECRET, KAFKA_SASL_PASSWORD_FILE: password }],
    ['KAFKA_SASL_PASSWORD_FILE', { ...SASL, KAFKA_SASL_PASSWORD_FILE: '/nowhere/password' }],
    ['KAFKA_SASL_PASSWORD_FILE', { ...SASL, KAFKA_SASL_PASSWORD_FILE: fileOf('empty', '\n') }],
    ['KAFKA_SASL_PASSWORD_FILE', { ...SASL, KAFKA_SASL_PASSWORD_FILE: fileOf('lines', `${SECRET}\nmore\n`) }],
    ['KAFKA_SASL_MECHANISM', { ...SASL, KAFKA_SASL_MECHANISM: 'OAUTHBEARER', KAFKA_SASL_PASSWORD: SECRET }],
    ['KAFKA_SSL_CA_FILE', { ...KAFKA, KAFKA_SSL_CA_FILE: CA }],
    ['KAFKA_SSL_CA_FILE', { ...SSL, KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' }],
    ['KAFKA_SSL_CA_FILE', { ...SSL, KAFKA_SSL_CA_FILE: password }],
    ['KAFKA_SSL_CA_FILE', { ...SSL, KAFKA_SSL_CA_FILE: old.cert }],
    ['KAFKA_SSL_CERT_FILE', { ...SSL, KAFKA_SSL_CERT_FILE: own.cert }],
    ['KAFKA_SSL_CERT_FILE', { ...SSL, KAFKA_SSL_CERT_FILE: old.cert, KAFKA_SSL_KEY_FILE: old.key }],
    ['KAFKA_SSL_KEY_FILE', { ...SSL, KAFKA_SSL_KEY_FILE: own.key }],
    ['KAFKA_SSL_KEY_FILE', { ...SSL, KAFKA_SSL_CERT_FILE: own.cert, KAFKA_SSL_KEY_FILE: other.key }],
    ['KAFKA_SSL_KEY_FILE', { ...SSL, KAFKA_SSL_CERT_FILE: own.cert, KAFKA_SSL_KEY_FILE: own.cert }],
    ['KAFKA_REPLICATION', { ...KAFKA, KAFKA_REPLICATION: '0' }],
    ['KAFKA_MIN_INSYNC_REPLICAS', { ...KAFKA, KAFKA_REPLICATION: '2', KAFKA_MIN_INSYNC_REPLICAS: '3' }],
    ['CLICKHOUSE_URL', { CLICKHOUSE_URL: `click:${SECRET}@ch` }],
    ['CLICKHOUSE_PASSWORD', { CLICKHOUSE_PASSWORD: SECRET }],
    ['CLICKHOUSE_PASSWORD', { CLICKHOUSE_URL: 'https://ch', CLICKHOUSE_PASSWORD: SECRET }],
    ['CLICKHOUSE_PASSWORD', { CLICKHOUSE_URL: `https://u:${SECRET}@ch`, CLICKHOUSE_PASSWORD: SECRET }],
    ['CLICKHOUSE_CA_FILE', { CLICKHOUSE_URL: 'http://ch', CLICKHOUSE_CA_FILE: CA }],
    ['CLICKHOUSE_CA_FILE', { ...CLICKHOUSE, CLICKHOUSE_CA_FILE: '/nowhere/ca.pem' }],
    ['ELASTICSEARCH_URL', { ELASTICSEARCH_URL: `https://a:${SECRET}@es1,https://b:${SECRET}@es2` }],
    ['ELASTICSEARCH_URL', { ELASTICSEARCH_URL: `https://es1,u:${SECRET}@es2` }],
    ['ELASTICSEARCH_API_KEY', { ...ELASTICSEARCH, ELASTICSEARCH_API_KEY: SECRET }],
    ['ELASTICSEARCH_CA_FILE', { ELASTICSEARCH_URL: 'https://es1,http://es2', ELASTICSEARCH_CA_FILE: CA }],
    ['ELASTICSEARCH_REPLICAS', { ELASTICSEARCH_REPLICAS: '1' }],
    ['ELASTICSEARCH_REPLICAS', { ...ELASTICSEARCH, ELASTICSEARCH_REPLICAS: 'one' }],
    ['HIVE_URL', { HIVE_URL: `u:${SECRET}@h` }],
    ['HIVE_URL', { HIVE_URL: 'h:1;transportMode=all' }],
    ['HIVE_URL', { HIVE_URL: 'h:1;principal=hive/_HOST@REALM' }],
    ['HIVE_CA_FILE', { HIVE_URL: 'h:1', HIVE_CA_FILE: CA }],
    ['HIVE_PASSWORD', { HIVE_URL: 'h:1', HIVE_PASSWORD: SECRET }],
  ])('%s: %j', (name, given) => {
    let message = '';
    try {
      readAddresses(given);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      ({ message } = error as Error);
    }
    expect(message).toMatch(new RegExp(`^${name}: .+`));
    expect(message).not.toContain('\n');
    expect(message).not.toContain(SECRET);
  });
});

describe('parseHiveUrl', () => {
  const plain = { transport: 'binary', httpPath: 'cliservice', tls: null, username: '', password: '' };
  test.each([
    ['h:10000', { ...plain, hosts: [{ host: 'h', port: 10_000 }] }],
    ['hive://h:10000/', { ...plain, hosts: [{ host: 'h', port: 10_000 }] }],
    ['hive2://me@[::1]:1', { ...plain, hosts: [{ host: '::1', port: 1 }], username: 'me' }],
    [
      'me:se:c;ret@h:1;ssl=true',
      { ...plain, hosts: [{ host: 'h', port: 1 }], username: 'me', password: 'se:c;ret', tls: {} },
    ],
  ])('%s', (url, address) => expect(parseHiveUrl(url)).toEqual(address));

  test.each(['', 'h', 'http://h:1', 'h:port', 'a b@h:1', 'h:1/db', 'h:1;ssl', 'h:1;ssl=maybe'])(
    'refuses "%s"',
    (url) => {
      expect(parseHiveUrl(url)).toBeNull();
    },
  );
});
