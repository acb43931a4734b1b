import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isReady } from '../../bench/role.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { hiveSettings, kafkaSettings } from '../../infra/engine_settings/addresses.ts';
import type { RoleName } from '../../infra/role.ts';
import { BIN } from '../../prove/platform.ts';
import { eventually } from './wait.ts';

export { freePorts } from '../../infra/supervisor/ports.ts';

type Env = Record<string, string>;

/** A role of its own, in a folder of its own, on the engines and with the register of a running platform. */
export interface StartedRole {
  pid: number;
  /** What it has logged. */
  log(): string;
  /** Ends it as a supervisor does. */
  stop(): Promise<void>;
}

/** Settings that name the engines of a platform by their addresses, and its register. */
export function enginesOf(env: Env): Env {
  const { kafka, clickhouse, elasticsearch, hive } = engineUrls(readConfig(env));
  return {
    ...kafkaSettings(kafka),
    CLICKHOUSE_URL: withLogin(clickhouse.url, clickhouse.login),
    ELASTICSEARCH_URL: elasticsearch.nodes.map((node) => withLogin(node, elasticsearch.login)).join(),
    ...(env.HIVE_URL === undefined ? hiveSettings(hive) : { HIVE_URL: env.HIVE_URL }),
    REGISTER_URL: env.REGISTER_URL ?? pathToFileURL(join(env.DATA_DIR ?? '', 'register')).href,
    ...(env.EVENT_KINDS !== undefined && { EVENT_KINDS: env.EVENT_KINDS }),
  };
}

export async function startRole(role: RoleName, settings: Env): Promise<StartedRole> {
  const child = spawn(process.execPath, [BIN, 'run', role], {
    env: { ...process.env, CLICKLEDGER_TIMINGS: 'short', ...settings, CLICKLEDGER_SUPERVISED: '1' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const { pid = 0 } = child;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await eventually(`${role} is ready`, async () => {
      if (child.exitCode !== null) throw new Error(log);
      return isReady(role, settings.DATA_DIR ?? '', pid);
    });
  } catch (error) {
    await stop();
    throw new Error(log, { cause: error });
  }
  return { pid, log: () => log, stop };
}

function withLogin(url: string, login: object | null): string {
  const { username, password } = { username: '', password: '', ...login };
  return Object.assign(new URL(url), { username, password }).href;
}
