import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTied } from '../../supervisor/parent_death.ts';
import { freePort, isFree } from '../../supervisor/ports.ts';
import type { SpawnSpec } from '../../supervisor/types.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { gcLogOf, notesCollections } from '../gc_log.ts';
import { givenJavaOptions, javaProgram, privateTemporaryFiles } from '../java.ts';
import {
  ANALYST,
  APPLICATION_USER,
  analystPasswordFile,
  analystsFolder,
  applicationPasswordFile,
  ensurePassword,
} from '../password.ts';
import { writeTemplate } from '../template.ts';
import { embeddedKafka } from './address.ts';
import { answers } from './probe.ts';

const TEMPLATE = new URL('server.properties', import.meta.url);
const FOR_ANALYSTS = new URL('kafka.properties', import.meta.url);

const loginOf = (username: string, password: string): string =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}"`;

/** Apache Kafka: one node that is its own controller (KRaft). */
export function kafka({ version, home, dataDir, folder, port }: EngineSite): EmbeddedEngine {
  const logDir = join(folder, 'data');
  const config = join(folder, 'server.properties');
  let controllerPort: number | undefined;
  const password = (): string => ensurePassword(applicationPasswordFile(dataDir, 'kafka'));
  const analystPassword = (): string => ensurePassword(analystPasswordFile(dataDir, 'kafka'));

  const java = (options: string[], mainClass: string, args: string[]): SpawnSpec => ({
    file: javaProgram(),
    args: [...options, ...privateTemporaryFiles(folder), '-cp', join(home, 'lib', '*'), mainClass, ...args],
    env: engineEnvironment(),
    cwd: folder,
  });

  const configure = (configFolder: string, logs: string): string =>
    writeTemplate(TEMPLATE, configFolder, {
      PORT: port,
      CONTROLLER_PORT: controllerPort ?? 0,
      LOG_DIR: logs,
      USER: APPLICATION_USER,
      PASSWORD: password(),
      LOGIN: loginOf(APPLICATION_USER, password()),
      ANALYST,
      ANALYST_PASSWORD: analystPassword(),
    });

  /** Formatted under a temporary name, so that an interrupted format is never taken for a complete one. */
  async function format(): Promise<void> {
    const aside = `${logDir}.tmp`;
    rmSync(aside, { recursive: true, force: true });
    const path = configure(join(folder, 'tmp'), aside);
    const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const quick = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
    await runTied(java(quick, 'kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', path]));
    rmSync(path);
    renameSync(aside, logDir);
  }

  return {
    name: 'kafka',
    version,
    url: `127.0.0.1:${port}`,
    ports: [{ setting: 'KAFKA_PORT', port }],
    gcLog: gcLogOf(folder),
    async prepare() {
      mkdirSync(join(folder, 'tmp'), { recursive: true });
      rmSync(gcLogOf(folder), { force: true });
      if (controllerPort === undefined || !(await isFree(controllerPort))) controllerPort = await freePort();
      if (!existsSync(logDir)) await format();
      configure(folder, logDir);
      writeTemplate(FOR_ANALYSTS, analystsFolder(dataDir), { PORT: port, LOGIN: loginOf(ANALYST, analystPassword()) });
    },
    command: () => {
      // It notes each change of each partition otherwise.
      const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
      const options = ['-Xms256m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError', notesCollections(folder), quiet];
      return java([...options, ...givenJavaOptions()], 'kafka.Kafka', [config]);
    },
    ready: () => answers(embeddedKafka(port, password())),
  };
}
