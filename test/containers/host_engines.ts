import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedEngines } from '../../infra/embedded/engines.ts';
import { APPLICATION_USER, applicationPasswordFile, SECURED } from '../../infra/embedded/password.ts';
import { defaultCacheDir, ENGINE_NAMES, type EngineName, ensureEngines } from '../../infra/setup/engines.mjs';
import { freePort } from '../../infra/supervisor/ports.ts';
import { Supervisor } from '../../infra/supervisor/supervisor.ts';
import { BRIEF_JVMS } from '../support/brief_jvms.ts';

/** The user of the image. */
const IMAGE_USER = 1000;

interface HostEngines {
  /** Settings by which roles reach them, with passwords as files of the folder `secrets`. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

/** Where containers see the folder of the secrets. */
export const SECRETS = '/run/secrets';

/** The four embedded engines on this machine, for roles in containers that share its network. */
export async function startHostEngines(folder: string, secrets: string): Promise<HostEngines> {
  Object.assign(process.env, BRIEF_JVMS);
  const cacheDir = defaultCacheDir(process.env);
  await ensureEngines({ cacheDir, names: ENGINE_NAMES, log: () => {} });
  const ports = {} as Record<EngineName, number>;
  for (const name of ENGINE_NAMES) ports[name] = await freePort();
  const supervisor = new Supervisor({ dataDir: folder, onEvent: () => {} });
  for (const engine of embeddedEngines({ dataDir: folder, cacheDir, ports }, ENGINE_NAMES)) {
    supervisor.add({
      name: engine.name,
      kind: 'engine',
      ports: engine.ports,
      prepare: () => engine.prepare(),
      command: () => engine.command(),
      ready: () => engine.ready(),
    });
  }
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  for (const engine of SECURED) {
    giveToImage(join(secrets, `${engine}_password`), readFileSync(applicationPasswordFile(folder, engine), 'utf8'));
  }
  return {
    settings: {
      KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: APPLICATION_USER,
      KAFKA_SASL_PASSWORD_FILE: join(SECRETS, 'kafka_password'),
      CLICKHOUSE_URL: `http://${APPLICATION_USER}@127.0.0.1:${ports.clickhouse}`,
      CLICKHOUSE_PASSWORD_FILE: join(SECRETS, 'clickhouse_password'),
      ELASTICSEARCH_URL: `http://${APPLICATION_USER}@127.0.0.1:${ports.elasticsearch}`,
      ELASTICSEARCH_PASSWORD_FILE: join(SECRETS, 'elasticsearch_password'),
      HIVE_URL: `hive://${APPLICATION_USER}@127.0.0.1:${ports.hive}`,
      HIVE_PASSWORD_FILE: join(SECRETS, 'hive_password'),
    },
    stop: () => supervisor.stop(),
  };
}

/** Writes a file that the user of the image may read, and nobody else. */
export function giveToImage(path: string, text: string): void {
  writeFileSync(path, text);
  chownSync(path, IMAGE_USER, IMAGE_USER);
  chmodSync(path, 0o400);
}

/**
 * Hive makes the folders of its tables, in which roles write. Here it runs as root; in docker-compose.yml as the user that
 * roles have.
 */
export function giveFoldersToImage(path: string): void {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    chownSync(join(entry.parentPath, entry.name), IMAGE_USER, IMAGE_USER);
  }
}

/** Makes a folder that the user of the image may write to. */
export function folderOfImage(path: string): string {
  mkdirSync(path, { recursive: true });
  chownSync(path, IMAGE_USER, IMAGE_USER);
  return path;
}
