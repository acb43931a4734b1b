import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { ROLES, type RoleFile } from '../infra/role.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { searchRest } from './support/client.ts';
import {
  askAsPage,
  FOREIGN_ELEMENT,
  FOREIGN_PAGE,
  type Headers,
  type PageAnswer,
  reboundPage,
} from './support/page.ts';
import { listeningOf, processesOf, remotesOf } from './support/processes.ts';

const env = inject('env');
const config = readConfig(env);
const { dataDir, ports, urls } = config;
const embedded = ENGINE_NAMES.filter((name) => urls[name] === undefined);
const portsOf = (name: string) => processesOf(dataDir, name).flatMap(listeningOf);
/** 127.0.0.1, also as an address of version 6, and ::1, in the kernel's notation. */
const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F', '00000000000000000000000001000000'];

/** Requests that a page can send without a preflight: queries and commands that each port would execute. */
const QUESTIONS = [
  ['GET', '/'],
  ['GET', '/metrics'],
  ['GET', '/docs'],
  ['GET', '/openapi.json'],
  ['GET', '/v1/runs'],
  ['GET', '/v1/ads/popular_ads'],
  ['DELETE', '/v1/filters/2147483647'],
  ['POST', '/v1/runs', '{"from":"2001-01-01","to":"2001-01-02","reason":"a page"}'],
  ['GET', '/?user=analyst&add_http_cors_header=1&query=SELECT%20user_id,ip%20FROM%20ads.clicks%20LIMIT%201'],
  ['POST', '/?user=analyst&add_http_cors_header=1&max_memory_usage=0', 'SELECT count() FROM ads.clicks'],
  ['GET', '/_cluster/health'],
  ['GET', '/ad-minutes/_search'],
  ['POST', '/ad-minutes-2001.01.01-r1/_close'],
  ['DELETE', '/ad-minutes-2001.01.01-r1'],
] as const;

const REFUSALS = [401, 403, 421];

/** Null: the server there does not speak HTTP, so a page can neither learn nor do anything. */
const ask = (port: number, headers: Headers, [method, path, body]: (typeof QUESTIONS)[number]) =>
  askAsPage(
    port,
    path,
    { 'content-type': body?.startsWith('{') ? 'application/json' : 'text/plain', ...headers },
    { method, body: body ?? '' },
  ).catch((): PageAnswer | null => null);

const everyPort = () =>
  [...embedded, ...ROLES].flatMap((name) => portsOf(name).map(({ port }) => [name, port] as const));

const security = readFileSync('docs/security.md', 'utf8');
const listening = security.slice(
  security.indexOf('## What listens where'),
  security.indexOf('## What keeps others out'),
);
/** The rows of its table: a process, and the setting of its port, if it has one. */
const documented = [...listening.matchAll(/^\| (\w+) \| (?:`([A-Z]+_PORT)`|`METRICS_LISTEN`|a free one)/gm)].map(
  ([, process, setting]) => ({ process: String(process), setting }),
);

test('the ports of docs/security.md are open, no others, and none beyond this machine', () => {
  const processes = { up: [readPlatformState(dataDir)?.pid as number] };
  for (const name of [...embedded, ...ROLES]) Object.assign(processes, { [name]: processesOf(dataDir, name) });
  const ends = Object.entries(processes).flatMap(([name, pids]) =>
    pids.flatMap(listeningOf).map((end) => ({ name, ...end })),
  );
  const ofOwn = documented.filter(({ process }) => Object.hasOwn(processes, process));
  expect(ends.map(({ name }) => name).sort()).toEqual(ofOwn.map(({ process }) => process).sort());
  const fixed = ofOwn.flatMap(({ process, setting }) => (setting ? [[process, Number(env[setting])]] : []));
  expect(fixed.length).toBe(embedded.length + 1);
  expect(ends.map(({ name, port }) => [name, port])).toEqual(expect.arrayContaining(fixed));
  for (const { name, address } of ends) expect([name, LOOPBACK]).toEqual([name, expect.arrayContaining([address])]);
});

test('an image or a form of a page of another site reaches no data', async () => {
  const pages = ['/', '/docs', '/openapi.json'];
  // The dashboard is a page without data, whatever is asked with its path.
  const isPage = (name: string, path: string) => pages.includes(path) || (name === 'api' && path.startsWith('/?'));
  for (const [name, port] of everyPort()) {
    for (const question of QUESTIONS.filter(([, path]) => !isPage(name, path))) {
      const answer = await ask(port, { host: `127.0.0.1:${port}`, ...FOREIGN_ELEMENT }, question);
      const where = `${name} ${port}: ${question[0]} ${question[1]}`;
      if (answer !== null) expect([where, answer.status]).toEqual([where, expect.toBeOneOf([...REFUSALS, 404])]);
    }
  }
});

test.each([
  ['fetch() of a page of another site', () => FOREIGN_PAGE],
  ['a page whose host name leads here', reboundPage],
])('%s is answered by no port', async (_kind, headersFor) => {
  for (const [name, port] of everyPort()) {
    for (const question of QUESTIONS) {
      const answer = await ask(port, { host: `127.0.0.1:${port}`, ...headersFor(port) }, question);
      if (answer === null) continue;
      const where = `${name} ${port}: ${question[0]} ${question[1]}`;
      expect([where, answer.headers['access-control-allow-origin']]).toEqual([where, undefined]);
      expect([where, answer.status]).toEqual([where, expect.toBeOneOf(REFUSALS)]);
    }
  }
});

test('a page with a host name of this machine reads no role’s metrics', async () => {
  for (const role of ROLES) {
    const { metricsUrl }: RoleFile = JSON.parse(readFileSync(join(dataDir, 'run', `${role}.json`), 'utf8'));
    const { port } = new URL(metricsUrl);
    expect((await askAsPage(Number(port), '/metrics', { host: `localhost:${port}` })).body).toContain('process_cpu');
    expect((await askAsPage(Number(port), '/metrics', reboundPage(Number(port)))).body).toBe('');
  }
});

test('no process of the platform is connected beyond loopback', async () => {
  const seen = new Set<string>();
  for (let sample = 0; sample < 20; sample++) {
    for (const name of [...embedded, ...ROLES]) {
      for (const { address } of processesOf(dataDir, name).flatMap(remotesOf)) seen.add(address);
    }
    await delay(100);
  }
  expect(seen.size).toBeGreaterThan(0);
  expect([...seen].filter((address) => !LOOPBACK.includes(address))).toEqual([]);
});

test.runIf(urls.elasticsearch === undefined)('Elasticsearch requires a password', async () => {
  for (const path of ['/_cluster/health', '/ad-minutes/_search', '/_cat/indices']) {
    expect((await askAsPage(ports.elasticsearch, path, {})).status).toBe(401);
    const wrong = { authorization: `Basic ${btoa('analyst:analyst')}` };
    expect((await askAsPage(ports.elasticsearch, path, wrong)).status).toBe(401);
  }
});

test.runIf(urls.elasticsearch === undefined)('Elasticsearch lets analysts read counts, and no more', async () => {
  expect(await searchRest(env, '/ad-minutes*/_count')).toMatchObject({ count: expect.any(Number) });
  for (const [path, body] of [
    ['/ad-minutes/_close', null],
    ['/ad-minutes/_doc', { minute: 0, ad_id: 'x', country: 'USA', clicks: 1 }],
    ['/clickledger-indexer/_search', {}],
    ['/_aliases', { actions: [{ remove: { index: '*', alias: 'ad-minutes' } }] }],
    ['/_cat/indices', undefined],
  ] as const) {
    await expect(searchRest(env, path, body)).rejects.toThrow(`${path}: 403`);
  }
});

test.runIf(urls.elasticsearch === undefined)('the platform’s own user can do the same as before', async () => {
  const { login } = engineUrls(config).elasticsearch;
  if (login === null || 'apiKey' in login) throw new Error('the embedded Elasticsearch has a user and a password');
  const { username, password } = login;
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  expect((await askAsPage(ports.elasticsearch, '/_cat/indices', headers)).status).toBe(200);
});
