import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stateIndexOf } from '../../../domain/names.ts';
import { elasticsearch } from '../../../infra/embedded/elasticsearch/elasticsearch.ts';
import { writeUsers } from '../../../infra/embedded/elasticsearch/users.ts';
import { defaultCacheDir, engineHome, engineVersions } from '../../../infra/setup/engines.mjs';
import { freePort } from '../../../infra/supervisor/ports.ts';
import type { PlainServer } from './clickhouse.ts';
import { documentedRights } from './documented.ts';
import type { Front } from './front.ts';
import { API_KEY, HOST, KEY_WITHOUT, PASSWORD, READER, type SecuredSite, USER } from './site.ts';

/** Users beside the platform's and the reader, each with the rights of one API key. */
const KEY_USERS = { cluster: 'key-without-cluster', write: 'key-without-write', minutes: 'key-without-minutes' };

/** The platform's own user has what docs/operations.md lists, and each of the others lacks some of it. */
function roles(): string {
  const cluster = documentedRights('Elasticsearch', 'cluster').rights;
  const { names, rights } = documentedRights('Elasticsearch', 'indexes');
  const all = { names, privileges: rights };
  const reads = { names, privileges: ['read', 'view_index_metadata'] };
  const state = { names: [`${stateIndexOf('click')}*`], privileges: rights };
  return Object.entries({
    [USER]: { cluster, indices: [all] },
    [KEY_USERS.cluster]: { cluster: ['monitor'], indices: [all] },
    [KEY_USERS.write]: { cluster, indices: [reads] },
    // Who may write elsewhere is refused for each document, and not the request.
    [KEY_USERS.minutes]: { cluster, indices: [reads, state] },
  })
    .map(([name, role]) => `${name}: ${JSON.stringify(role)}\n`)
    .join('');
}

/** The platform's distribution with TLS of its own, users in files and their roles. */
export async function securedElasticsearch(site: SecuredSite): Promise<PlainServer> {
  const [port, folder] = [await freePort(), join(site.folder, 'elasticsearch')];
  const home = engineHome(defaultCacheDir(process.env), 'elasticsearch');
  const engine = elasticsearch({ version: engineVersions.elasticsearch, home, dataDir: site.folder, folder, port });
  const config = join(folder, 'config');
  return {
    port,
    process: {
      ...engine,
      kind: 'engine',
      async prepare() {
        await engine.prepare();
        copyFileSync(site.server.cert, join(config, 'http.pem'));
        copyFileSync(site.server.key, join(config, 'http.key'));
        const file = join(config, 'elasticsearch.yml');
        const secure = [
          'xpack.security.http.ssl.enabled: true',
          'xpack.security.http.ssl.certificate: http.pem',
          'xpack.security.http.ssl.key: http.key',
        ].join('\n');
        const text = readFileSync(file, 'utf8').replace('xpack.security.http.ssl.enabled: false', secure);
        writeFileSync(file, text, { mode: 0o600 });
        appendFileSync(join(config, 'roles.yml'), roles());
        writeUsers(config, [
          { name: READER, password: PASSWORD, role: 'analyst' },
          ...[USER, ...Object.values(KEY_USERS)].map((name) => ({ name, password: PASSWORD, role: name })),
        ]);
      },
      ready: () => isHealthy(site, port),
    },
  };
}

const basicOf = (user: string): string => `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`;

const isHealthy = (site: SecuredSite, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const to = { host: HOST, port, path: '/_cluster/health', ca: readFileSync(site.authority.file) };
    request({ ...to, headers: { authorization: basicOf(USER) }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', () => resolve(false))
      .end();
  });

/** The user by whom the server is asked for whoever comes with a key. */
const USER_OF_KEY = new Map(
  [
    [API_KEY, USER],
    [KEY_WITHOUT.cluster, KEY_USERS.cluster],
    [KEY_WITHOUT.write, KEY_USERS.write],
    [KEY_WITHOUT.minutes, KEY_USERS.minutes],
  ].map(([key, user = '']) => [`ApiKey ${key}`, basicOf(user)]),
);

/**
 * API keys need an index that this distribution cannot make, so this front checks the key as a server would, and asks
 * the server as a user with the rights of the key. Whether these suffice is decided by the server, in its own words,
 * in which only "for user" would be "for API key id" with a real key.
 */
export async function startKeyFront(site: SecuredSite, port: number): Promise<Front> {
  const { cert, key } = site.server;
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (question, answer) => {
    const authorization = USER_OF_KEY.get(question.headers.authorization ?? '');
    if (authorization === undefined) {
      const reason = { type: 'security_exception', reason: 'unable to authenticate with provided credentials' };
      answer.writeHead(401, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      return void answer.end(JSON.stringify({ error: reason, status: 401 }));
    }
    const to = { host: HOST, port, path: question.url, method: question.method, ca: readFileSync(site.authority.file) };
    const inner = request({ ...to, headers: { ...question.headers, authorization } }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    inner.on('error', () => answer.destroy());
    question.pipe(inner);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
