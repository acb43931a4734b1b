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
import { writeTemplate } from '../template.ts';
import { createKafkaProbe } from './probe.ts';

const TEMPLATE = new URL('server.properties', import.meta.url);

/** Apache Kafka: one node that is its own controller (KRaft). */
export function kafka({ version, home, folder, port }: EngineSite): EmbeddedEngine {
  const address = `127.0.0.1:${port}`;
  const logDir = join(folder, 'data');
  const config = join(folder, 'server.properties');
  let controllerPort: number | undefined;

  const java = (options: string[], mainClass: string, args: string[]): SpawnSpec => ({
    file: javaProgram(),
    args: [...options, ...privateTemporaryFiles(folder), '-cp', join(home, 'lib', '*'), mainClass, ...args],
    env: engineEnvironment(),
    cwd: folder,
  });

  /** Formatted under a temporary name, so that an interrupted format is never taken for a complete one. */
  async function format(): Promise<void> {
    const aside = `${logDir}.tmp`;
    rmSync(aside, { recursive: true, force: true });
    const path = writeTemplate(TEMPLATE, join(folder, 'tmp'), {
      PORT: port,
      CONTROLLER_PORT: controllerPort ?? 0,
      LOG_DIR: aside,
    });
    const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const quick = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
    await runTied(java(quick, 'kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', path]));
    renameSync(aside, logDir);
  }

  return {
    name: 'kafka',
    version,
    url: address,
    ports: [{ setting: 'KAFKA_PORT', port }],
    gcLog: gcLogOf(folder),
    async prepare() {
      mkdirSync(join(folder, 'tmp'), { recursive: true });
      rmSync(gcLogOf(folder), { force: true });
      if (controllerPort === undefined || !(await isFree(controllerPort))) controllerPort = await freePort();
      if (!existsSync(logDir)) await format();
      writeTemplate(TEMPLATE, folder, { PORT: port, CONTROLLER_PORT: controllerPort, LOG_DIR: logDir });
    },
    command: () => {
      // It notes each change of each partition otherwise.
      const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
      const options = ['-Xms256m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError', notesCollections(folder), quiet];
      return java([...options, ...givenJavaOptions()], 'kafka.Kafka', [config]);
    },
    ready: createKafkaProbe(address),
  };
}
