import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

describe('readConfig', () => {
  test('without any setting, the documented defaults', () => {
    expect(readConfig({})).toMatchObject({
      dataDir: expect.stringMatching(/\/data$/),
      dataGroup: null,
      logGlob: expect.stringMatching(/\/data\/logs\/\*\.log$/),
      api: { host: '127.0.0.1', port: 8080, tokens: [], rateLimit: 6_000 },
      demoTraffic: undefined,
      urls: {},
      ports: { kafka: 9092, clickhouse: 8123, elasticsearch: 9200, hive: 10_000 },
      allowedLatenessMs: 60_000,
      dedupeWindowMs: { click: 600_000, impression: 600_000, conversion: 600_000 },
      partitions: { click: 4, impression: 1, conversion: 1 },
      nightlyCron: '0 2 * * *',
      reconcileLimit: 0,
      searchDays: 200,
      eventKinds: ['click', 'impression', 'conversion'],
      eventKindsAreSet: false,
      regions: [],
      region: null,
    });
  });

  test.each<[string, number | string[]]>([
    ['2', 2],
    ['loopback, 10.0.0.5', ['loopback', '10.0.0.5']],
    ['10.1.0.0/16,2001:db8::/32', ['10.1.0.0/16', '2001:db8::/32']],
  ])('API_TRUST_PROXY=%s', (text, proxies) => {
    expect(readConfig({ API_TRUST_PROXY: text }).api.trustProxy).toEqual(proxies);
    expect(readConfig({}).api.trustProxy).toBeNull();
  });

  test.each([
    ['60', 60_000],
    ['60s', 60_000],
    ['500ms', 500],
    ['10min', 600_000],
    ['10 m', 600_000],
    ['1.5h', 5_400_000],
    ['0', 0],
  ])('a duration of "%s" is %i ms', (text, ms) => {
    expect(readConfig({ ALLOWED_LATENESS: text }).allowedLatenessMs).toBe(ms);
  });

  test.each([
    ['25h', [90_000_000, 90_000_000, 90_000_000]],
    ['25h,impression=1h', [90_000_000, 3_600_000, 90_000_000]],
    ['impression=1h, conversion = 0', [600_000, 3_600_000, 0]],
  ])('DEDUPE_WINDOW=%s is of each kind', (text, [click, impression, conversion]) => {
    expect(readConfig({ DEDUPE_WINDOW: text }).dedupeWindowMs).toEqual({ click, impression, conversion });
  });

  test.each([
    ['90', [90, 90, 90]],
    ['60, impression=7', [60, 7, 60]],
    ['impression=14', [30, 14, 30]],
  ])('RAW_DAYS=%s is of each kind', (text, [click, impression, conversion]) => {
    expect(readConfig({ RAW_DAYS: text }).rawDays).toEqual({ click, impression, conversion });
  });

  test('a number of partitions that is set is that of every kind', () => {
    expect(readConfig({ CLICKS_PARTITIONS: '6' }).partitions).toEqual({ click: 6, impression: 6, conversion: 6 });
  });

  test.each([
    ['ALLOWED_LATENESS', 'soon'],
    ['ALLOWED_LATENESS', '-5s'],
    ['ALLOWED_LATENESS', '100.5ms'],
    ['ALLOWED_LATENESS', '8761h'],
    ['DEDUPE_WINDOW', '99999999999h'],
    ['DATA_DIR', '/data/with a blank'],
    ['DATA_DIR', '/data/été'],
    ['DATA_DIR', '/data/a,b'],
    ['DATA_DIR', '/data/a:b'],
    ['DEDUPE_WINDOW', '10 lightyears'],
    ['DEDUPE_WINDOW', ''.padEnd(3)],
    ['DEDUPE_WINDOW', '10min,1h'],
    ['DEDUPE_WINDOW', '10min,view=1h'],
    ['DEDUPE_WINDOW', 'click=1h,click=2h'],
    ['DEDUPE_WINDOW', '10min,impression='],
    ['RAW_DAYS', '6'],
    ['RAW_DAYS', '30d'],
    ['RAW_DAYS', '30,impression=0'],
    ['API_PORT', '0'],
    ['API_PORT', '65536'],
    ['API_PORT', '80a'],
    ['KAFKA_PORT', 'nine'],
    ['DEMO_TRAFFIC', 'maybe'],
    ['KAFKA_BROKERS', 'kafka'],
    ['CLICKHOUSE_URL', 'clickhouse:8123'],
    ['ELASTICSEARCH_URL', 'not a url'],
    ['HIVE_URL', 'hive'],
    ['RECONCILE_LIMIT', '-1'],
    ['RECONCILE_LIMIT', 'none'],
    ['SEARCH_DAYS', '0'],
    ['SEARCH_DAYS', '1e3'],
    ['NIGHTLY_CRON', 'every night'],
    ['API_TOKENS', 'ops:admin'],
    ['API_TOKENS', `ops:owner:${'a'.repeat(64)}`],
    ['API_TOKENS', `ops:admin:${'a'.repeat(64)}:shoes-`],
    ['API_TOKENS', `shop:advertiser:${'a'.repeat(64)}`],
    ['API_TOKENS', `shop:advertiser:${'a'.repeat(64)}:`],
    ['API_TOKENS', `shop:advertiser:${'a'.repeat(64)}:shoes-|`],
    ['API_RATE_LIMIT', '0'],
    ['API_RATE_LIMIT', 'off'],
    ['API_ALLOWED_HOSTS', 'ads.example.com:8080'],
    ['API_ALLOWED_HOSTS', 'https://ads.example.com'],
    ['API_ALLOWED_HOSTS', 'a,,b'],
    ['API_TRUST_PROXY', 'true'],
    ['API_TRUST_PROXY', '0'],
    ['API_TRUST_PROXY', '10.0.0.0/0'],
    ['API_TRUST_PROXY', '10.0.0.0/33'],
    ['API_TRUST_PROXY', '10.0.0.5,,loopback'],
    ['API_TRUST_PROXY', 'proxy.example.com'],
    ['API_HOST', '0.0.0.0'],
    ['DATA_GROUP', 'two words'],
    ['HOST_ID', 'two words'],
    ['EVENT_KINDS', 'clicks'],
    ['EVENT_KINDS', 'impression'],
    ['EVENT_KINDS', 'click,click'],
    ['EVENT_KINDS', 'click,,conversion'],
    ['EVENT_KINDS', 'click,view'],
    ['REGIONS', 'EU'],
    ['REGIONS', 'eu,,us'],
    ['REGIONS', 'eu,eu'],
    ['REGIONS', 'eu-'],
    ['REGIONS', 'eu_west'],
    ['REGIONS', 'e'.repeat(31)],
    ['REGION', 'eu'],
  ])('%s=%s is refused in one line that names it', (name, value) => {
    let message = '';
    try {
      readConfig({ [name]: value });
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    expect(message).toMatch(new RegExp(`^${name}: .+`));
    expect(message).not.toContain('\n');
  });

  test('an empty setting counts as unset', () => {
    expect(readConfig({ API_PORT: '', KAFKA_BROKERS: '' })).toMatchObject({ api: { port: 8080 }, urls: {} });
  });

  test('with tokens, the API may listen beyond loopback', () => {
    const [sha256, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const { api } = readConfig({ API_HOST: '0.0.0.0', API_TOKENS: `ops:admin:${sha256},ui:reader:${other}` });
    expect(api).toMatchObject({
      tokens: [
        { name: 'ops', role: 'admin', sha256 },
        { name: 'ui', role: 'reader', sha256: other },
      ],
      tokensFile: null,
    });
  });

  test('tokens may stand in a file, which then is their only place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clickledger-config-'));
    const file = join(folder, 'tokens');
    const sha256 = 'a'.repeat(64);
    writeFileSync(file, `ops:admin:${sha256}\n`);
    const { api } = readConfig({ API_HOST: '0.0.0.0', API_TOKENS_FILE: file });
    expect(api).toMatchObject({
      tokens: [{ name: 'ops', role: 'admin', sha256 }],
      tokensFile: file,
      allowedHosts: null,
    });
    expect(() => readConfig({ API_TOKENS: `ops:admin:${sha256}`, API_TOKENS_FILE: file })).toThrow(
      /^API_TOKENS: is set, and so is API_TOKENS_FILE: leave one of them out$/,
    );
    writeFileSync(file, '');
    expect(() => readConfig({ API_TOKENS_FILE: file })).toThrow(/^API_TOKENS_FILE: \S+ is malformed; expected/);
    rmSync(folder, { recursive: true });
    expect(() => readConfig({ API_TOKENS_FILE: file })).toThrow(/^API_TOKENS_FILE: cannot read \S+: ENOENT; name/);
  });

  test('without tokens the API answers only under loopback names, with tokens under any, or under those that are set', () => {
    const hostsOf = (env: NodeJS.ProcessEnv) => readConfig(env).api.allowedHosts;
    const API_TOKENS = `ops:admin:${'a'.repeat(64)}`;
    const loopback = ['127.0.0.1', 'localhost', '::1'];
    expect(hostsOf({})).toEqual(new Set(loopback));
    expect(hostsOf({ API_TOKENS })).toBeNull();
    expect(hostsOf({ API_ALLOWED_HOSTS: 'Ads.example.com, 10.0.0.5, FE80::1' })).toEqual(
      new Set([...loopback, 'ads.example.com', '10.0.0.5', 'fe80::1']),
    );
    expect(hostsOf({ API_TOKENS, API_HOST: '10.0.0.5', API_ALLOWED_HOSTS: 'ads' })).toEqual(
      new Set([...loopback, '10.0.0.5', 'ads']),
    );
  });

  test('an advertiser has prefixes of ad ids', () => {
    const [sha256, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const { api } = readConfig({ API_TOKENS: `shop:advertiser:${sha256}:shoes-|hats:2, ui:reader:${other}` });
    expect(api.tokens).toEqual([
      { name: 'shop', role: 'advertiser', sha256, adPrefixes: ['shoes-', 'hats:2'] },
      { name: 'ui', role: 'reader', sha256: other },
    ]);
  });

  test('regions, one of them that of this machine', () => {
    expect(readConfig({ REGIONS: 'eu, us-west-2' })).toMatchObject({ regions: ['eu', 'us-west-2'], region: null });
    expect(readConfig({ REGIONS: 'eu,us', REGION: 'us' })).toMatchObject({ region: 'us' });
    expect(() => readConfig({ REGIONS: 'eu,us', REGION: 'asia' })).toThrow(
      'REGION: is "asia"; expected one of REGIONS',
    );
  });

  test('kinds of events, in the order in which they are served', () => {
    expect(readConfig({ EVENT_KINDS: 'conversion, click' }).eventKinds).toEqual(['click', 'conversion']);
    expect(readConfig({ EVENT_KINDS: 'impression,conversion,click' }).eventKinds).toEqual([
      'click',
      'impression',
      'conversion',
    ]);
  });

  test('engines by address', () => {
    const { urls } = readConfig({
      KAFKA_BROKERS: 'a:9092, b:9092',
      CLICKHOUSE_URL: 'https://u:p@ch:8443',
      HIVE_URL: 'hive://etl:x@hive:10000',
      ELASTICSEARCH_URL: 'http://es:9200',
    });
    expect(urls).toMatchObject({
      kafka: { brokers: ['a:9092', 'b:9092'], tls: null, sasl: null },
      clickhouse: { url: 'https://ch:8443', login: { username: 'u', password: 'p' } },
      hive: { hosts: [{ host: 'hive', port: 10_000 }], username: 'etl', password: 'x' },
      elasticsearch: { nodes: ['http://es:9200'], login: null },
    });
  });
});
