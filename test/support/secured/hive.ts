import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectHive } from '../../../infra/clients/hive.ts';
import { hive } from '../../../infra/embedded/hive/hive.ts';
import { javaHome } from '../../../infra/embedded/java.ts';
import { fillTemplate } from '../../../infra/embedded/template.ts';
import type { HiveAddress } from '../../../infra/engine_settings/addresses.ts';
import { createLog } from '../../../infra/log.ts';
import { defaultCacheDir, engineHome, engineVersions } from '../../../infra/setup/engines.mjs';
import { runTied } from '../../../infra/supervisor/parent_death.ts';
import { freePort } from '../../../infra/supervisor/ports.ts';
import type { ProcessDefinition } from '../../../infra/supervisor/types.ts';
import { STORE_PASSWORD } from '../certificates.ts';
import { siteXml } from '../site_xml.ts';
import { HOST, PASSWORD, READER, type SecuredSite, USER } from './site.ts';

interface SecuredHive {
  process: ProcessDefinition;
  ports: { binary: number; http: number };
}

const LOGIN_SOURCE = new URL('HiveLogin.java', import.meta.url);

/** HiveServer2 with TLS on both transports, and a class of its own that knows users and rights, as LDAP would. */
export async function securedHive(site: SecuredSite): Promise<SecuredHive> {
  const ports = { binary: await freePort(), http: await freePort() };
  const folder = join(site.folder, 'hive');
  const home = engineHome(defaultCacheDir(process.env), 'hive');
  const engine = hive({ version: engineVersions.hive, home, dataDir: site.folder, folder, port: ports.binary });
  const config = join(folder, 'config');
  const settings = {
    'hive.server2.transport.mode': 'all',
    'hive.server2.thrift.http.port': ports.http,
    'hive.server2.thrift.http.path': 'cliservice',
    'hive.server2.use.SSL': 'true',
    'hive.server2.keystore.path': site.authority.keystore(site.server),
    'hive.server2.keystore.type': 'PKCS12',
    'hive.server2.keystore.password': STORE_PASSWORD,
    'hive.server2.authentication': 'CUSTOM',
    'hive.server2.custom.authentication.class': 'HiveLogin',
    'hive.session.impl.classname': 'org.apache.hive.service.cli.session.HiveSessionImpl',
    'hive.security.authorization.enabled': 'true',
    'hive.security.authorization.manager': 'HiveLogin',
    'hive.security.authenticator.manager': 'org.apache.hadoop.hive.ql.security.SessionStateUserAuthenticator',
    'hive.stats.autogather': 'false',
    'hive.stats.column.autogather': 'false',
  };
  const address: HiveAddress = {
    hosts: [{ host: HOST, port: ports.binary }],
    username: USER,
    password: PASSWORD,
    transport: 'binary',
    httpPath: '',
    tls: { ca: readFileSync(site.authority.file, 'utf8') },
  };
  const log = createLog('secured-hive');
  log.level = 'silent';
  return {
    ports,
    process: {
      ...engine,
      kind: 'engine',
      async prepare() {
        await engine.prepare();
        mkdirSync(config, { recursive: true });
        writeFileSync(join(config, 'hiveserver2-site.xml'), siteXml(settings), { mode: 0o600 });
        await compileLogin(home, config);
      },
      ready: () =>
        connectHive(address, log, 'default')
          // Grouping needs a Tez session.
          .then((session) =>
            session
              .execute('SELECT n, count(*) FROM (SELECT explode(array(1, 1)) AS n) t GROUP BY n')
              .finally(() => session.close()),
          )
          .then(
            () => true,
            () => false,
          ),
    },
  };
}

/** The folder of the configuration is on the class path. */
async function compileLogin(home: string, folder: string): Promise<void> {
  const values = { USER, READER, PASSWORD };
  const source = join(folder, 'HiveLogin.java');
  writeFileSync(
    source,
    fillTemplate(readFileSync(LOGIN_SOURCE, 'utf8'), values, (value) => value),
    { mode: 0o600 },
  );
  const lib = join(home, 'lib');
  const needed = /^(hive-|hadoop-common|hadoop-auth|slf4j-api|libfb303|libthrift)/;
  const jars = readdirSync(lib).filter((name) => needed.test(name));
  const classpath = jars.map((name) => join(lib, name)).join(':');
  await runTied({
    file: join(javaHome(), 'bin', 'javac'),
    args: ['-J-XX:TieredStopAtLevel=1', '-proc:none', '-nowarn', '-cp', classpath, '-d', folder, source],
    env: { PATH: process.env.PATH },
    cwd: folder,
  });
}
