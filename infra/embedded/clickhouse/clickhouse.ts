import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../../hash.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { writeTemplate } from '../template.ts';
import { APPLICATION_USER, ensurePassword } from './password.ts';

const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));
const PROBE_LIMIT_MS = 2_000;

export function clickhouse({ version, home, folder, port }: EngineSite): EmbeddedEngine {
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'config.xml');

  return {
    name: 'clickhouse',
    version,
    url,
    ports: [{ setting: 'CLICKHOUSE_PORT', port }],
    async prepare() {
      mkdirSync(folder, { recursive: true });
      const passwordHash = sha256Hex(ensurePassword(folder));
      const users = writeTemplate(new URL('users.xml', import.meta.url), folder, { PASSWORD_SHA256: passwordHash });
      writeTemplate(new URL('config.xml', import.meta.url), folder, { USERS: users });
    },
    command: () => ({
      file: process.execPath,
      args: [RUNNER, home, join(folder, 'data'), config, String(port)],
      cwd: folder,
      env: { ...process.env, TZ: 'UTC', NODE_OPTIONS: '' },
      stdin: 'pipe',
    }),
    async ready() {
      const answer = await fetch(`${url}/?query=SELECT%20version()`, {
        headers: {
          'x-clickhouse-user': APPLICATION_USER,
          'x-clickhouse-key': ensurePassword(folder),
          // A kept connection would hold up the server's end.
          connection: 'close',
        },
        signal: AbortSignal.timeout(PROBE_LIMIT_MS),
      }).catch(() => undefined);
      return answer?.ok === true && (await answer.text()).trim() === version;
    },
  };
}
