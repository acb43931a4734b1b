import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isFree } from '../../supervisor/ports.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { givenJavaOptions, javaHome } from '../java.ts';
import { writeTemplate } from '../template.ts';
import { asNonRoot, type NonRoot } from './non-root.ts';

const PROBE_LIMIT_MS = 5_000;
const CONFIG_FILES = ['elasticsearch.yml', 'jvm.options', 'log4j2.properties'].map(
  (name) => new URL(name, import.meta.url),
);

export function elasticsearch({ version, home, folder, port }: EngineSite): EmbeddedEngine {
  const url = `http://127.0.0.1:${port}`;
  const program = join(home, `elasticsearch-${version}`);
  const [config, data, logs, tmp] = ['config', 'data', 'logs', 'tmp'].map((name) => join(folder, name)) as Four;
  let transportPort: number | undefined;
  let runner: NonRoot = { wrapper: [] };

  return {
    name: 'elasticsearch',
    version,
    url,
    ports: [{ setting: 'ELASTICSEARCH_PORT', port }],
    async prepare() {
      for (const path of [config, data, logs, tmp]) mkdirSync(path, { recursive: true });
      if (transportPort === undefined || !(await isFree(transportPort))) transportPort = await freePort();
      const values = { DATA: data, LOGS: logs, TMP: tmp, PORT: port, TRANSPORT_PORT: transportPort };
      for (const file of CONFIG_FILES) writeTemplate(file, config, values);
      runner = asNonRoot({ reads: program, owns: folder });
    },
    command: () => ({
      file: join(program, 'bin', 'elasticsearch'),
      args: [],
      cwd: folder,
      wrapper: runner.wrapper,
      env: {
        ...{ ...process.env, HOME: folder, ES_JAVA_HOME: javaHome(), ES_PATH_CONF: config, ES_TMPDIR: tmp },
        ES_JAVA_OPTS: givenJavaOptions().join(' '),
      },
    }),
    async ready() {
      const response = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) }).catch(
        () => undefined,
      );
      if (!response?.ok) return false;
      const { status } = (await response.json()) as { status?: string };
      return status === 'yellow' || status === 'green';
    },
  };
}

type Four = [string, string, string, string];
