import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../../hash.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { APPLICATION_USER, applicationPasswordFile, ensurePassword } from '../password.ts';
import { writeTemplate } from '../template.ts';

const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));
/** Threads per analyst query: at least half of the cores are left for counting. */
const THREADS = Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2)));
const PROBE_LIMIT_MS = 2_000;

export function clickhouse({ version, home, dataDir, folder, port }: EngineSite): EmbeddedEngine {
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'config.xml');
  const password = (): string => ensurePassword(applicationPasswordFile(dataDir, 'clickhouse'));

  return {
    name: 'clickhouse',
    version,
    url,
    ports: [{ setting: 'CLICKHOUSE_PORT', port }],
    async prepare() {
      mkdirSync(folder, { recursive: true });
      const passwordHash = sha256Hex(password());
      const values = { PASSWORD_SHA256: passwordHash, THREADS };
      const users = writeTemplate(new URL('users.xml', import.meta.url), folder, values);
      // The server also reads configuration files from this folder.
      writeTemplate(new URL('http.xml', import.meta.url), join(folder, 'config.d'), {});
      writeTemplate(new URL('config.xml', import.meta.url), folder, { USERS: users });
    },
    command: () => ({
      file: process.execPath,
      args: [RUNNER, home, join(folder, 'data'), config, String(port)],
      cwd: folder,
      env: engineEnvironment({ TZ: 'UTC' }),
      stdin: 'pipe',
    }),
    async ready() {
      const answer = await fetch(`${url}/?query=SELECT%20version()`, {
        headers: {
          'x-clickhouse-user': APPLICATION_USER,
          'x-clickhouse-key': password(),
          // A kept-alive connection would delay the server's shutdown.
          connection: 'close',
        },
        signal: AbortSignal.timeout(PROBE_LIMIT_MS),
      }).catch(() => undefined);
      return answer?.ok === true && (await answer.text()).trim() === version;
    },
  };
}
