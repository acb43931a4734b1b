import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, isFree } from '../../supervisor/ports.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { givenJavaOptions, javaHome } from '../java.ts';
import {
  ANALYST,
  APPLICATION_USER,
  analystPasswordFile,
  applicationPasswordFile,
  ensurePassword,
} from '../password.ts';
import { writeTemplate } from '../template.ts';
import { certificatePasswordFile, ensureCertificate } from './certificate.ts';
import { asNonRoot, type NonRoot } from './non_root.ts';
import { writeUsers } from './users.ts';

const PROBE_LIMIT_MS = 5_000;
const CONFIG_FILES = ['elasticsearch.yml', 'roles.yml', 'jvm.options', 'log4j2.properties'].map(
  (name) => new URL(name, import.meta.url),
);

export function elasticsearch({ version, home, dataDir, folder, port }: EngineSite): EmbeddedEngine {
  const url = `http://127.0.0.1:${port}`;
  const program = join(home, `elasticsearch-${version}`);
  const [config, data, logs, tmp] = ['config', 'data', 'logs', 'tmp'].map((name) => join(folder, name)) as Four;
  let transportPort: number | undefined;
  let runner: NonRoot = { wrapper: [] };
  const password = (): string => ensurePassword(applicationPasswordFile(dataDir, 'elasticsearch'));

  return {
    name: 'elasticsearch',
    version,
    url,
    ports: [{ setting: 'ELASTICSEARCH_PORT', port }],
    async prepare() {
      for (const path of [config, data, logs, tmp]) mkdirSync(path, { recursive: true });
      if (transportPort === undefined || !(await isFree(transportPort))) transportPort = await freePort();
      await ensureCertificate(config);
      const values = {
        DATA: data,
        LOGS: logs,
        TMP: tmp,
        PORT: port,
        TRANSPORT_PORT: transportPort,
        TRANSPORT_PASSWORD: ensurePassword(certificatePasswordFile(config)),
      };
      for (const file of CONFIG_FILES) writeTemplate(file, config, values);
      writeUsers(config, [
        { name: APPLICATION_USER, password: password(), role: 'platform' },
        { name: ANALYST, password: ensurePassword(analystPasswordFile(dataDir, 'elasticsearch')), role: 'analyst' },
      ]);
      runner = asNonRoot({ reads: program, owns: folder, passes: [dataDir, dirname(folder)] });
    },
    command: () => ({
      file: join(program, 'bin', 'elasticsearch'),
      args: [],
      cwd: folder,
      wrapper: runner.wrapper,
      env: engineEnvironment({
        HOME: folder,
        ES_JAVA_HOME: javaHome(),
        ES_PATH_CONF: config,
        ES_TMPDIR: tmp,
        ES_JAVA_OPTS: givenJavaOptions().join(' '),
      }),
    }),
    async ready() {
      const response = await fetch(`${url}/_cluster/health`, {
        headers: { authorization: `Basic ${btoa(`${APPLICATION_USER}:${password()}`)}` },
        signal: AbortSignal.timeout(PROBE_LIMIT_MS),
      }).catch(() => undefined);
      if (!response?.ok) return false;
      const { status } = (await response.json()) as { status?: string };
      return status === 'yellow' || status === 'green';
    },
  };
}

type Four = [string, string, string, string];
