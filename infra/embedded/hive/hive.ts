import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EVENT_KINDS } from '../../../domain/event_kinds.ts';
import { databaseOf } from '../../../domain/names.ts';
import { sha256Hex } from '../../hash.ts';
import { runTied } from '../../supervisor/parent_death.ts';
import { type SpawnSpec, StartError } from '../../supervisor/types.ts';
import type { EmbeddedEngine, EngineSite } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { gcLogOf, notesCollections } from '../gc_log.ts';
import { givenJavaOptions, javaProgram, privateTemporaryFiles } from '../java.ts';
import { madeOnce } from '../made_once.ts';
import { APPLICATION_USER, applicationPasswordFile, ensurePassword } from '../password.ts';
import { writeTemplate } from '../template.ts';
import { ensureAccessClasses } from './access.ts';
import { OPENINGS } from './jvm.ts';
import { answersWithin } from './probe.ts';

const TEMPLATES = ['core-site.xml', 'hive-site.xml', 'tez-site.xml', 'hive-log4j2.properties'].map(
  (name) => new URL(name, import.meta.url),
);
/** Sources from which S3's client reads keys for buckets without keys in the settings. */
const AWS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CREDENTIAL_PROFILES_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
];
const FOLDERS = ['tmp', 'warehouse/managed', 'warehouse/external'];

/** HiveServer2 with its metastore and Tez, all in one JVM. */
export function hive({ version, home, dataDir, folder, port }: EngineSite): EmbeddedEngine {
  const config = join(folder, 'config');
  const metastore = join(folder, 'metastore');
  const password = (): string => ensurePassword(applicationPasswordFile(dataDir, 'hive'));
  let access = '';

  const java = (
    options: string[],
    mainClass: string,
    args: string[],
    folders: [config: string, ...string[]],
  ): SpawnSpec => ({
    file: javaProgram(),
    args: [
      ...OPENINGS,
      ...options,
      ...privateTemporaryFiles(folder),
      '-Djava.net.preferIPv4Stack=true',
      `-Dderby.stream.error.file=${join(folder, 'tmp', 'derby.log')}`,
      '-cp',
      classpath(home, folders),
      mainClass,
      ...args,
    ],
    cwd: folder,
    env: environment(home, version, folders[0]),
  });

  function configure(configFolder: string, metastoreFolder: string): void {
    const values = {
      FOLDER: folder,
      METASTORE: metastoreFolder,
      PORT: port,
      USER: APPLICATION_USER,
      PASSWORD_SHA256: sha256Hex(password()),
      DATABASES: EVENT_KINDS.map(databaseOf).join(),
    };
    for (const template of TEMPLATES) writeTemplate(template, configFolder, values);
  }

  /** Takes ten seconds, and the result never changes: created once per version, beside the program. */
  const emptyMetastore = (): Promise<string> =>
    madeOnce(`${home}.metastore`, async (aside) => {
      const asideConfig = join(folder, 'tmp', 'config');
      configure(asideConfig, aside);
      const tool = 'org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool';
      const quick = ['-Xmx512m', '-XX:TieredStopAtLevel=1'];
      await runTied(java(quick, tool, ['-dbType', 'derby', '-initSchema'], [asideConfig]));
    });

  /** Hive makes no database whose folder is there. Those of ours have nothing in them: their tables lie in the archive. */
  function removeEmptyDatabases(): void {
    const managed = join(folder, 'warehouse', 'managed');
    if (!existsSync(managed)) return;
    for (const name of readdirSync(managed)) {
      if (readdirSync(join(managed, name)).length === 0) rmdirSync(join(managed, name));
    }
  }

  /** Created under a temporary name, so that an interrupted copy is never taken for a complete one. */
  async function createMetastore(): Promise<void> {
    removeEmptyDatabases();
    const aside = `${metastore}.tmp`;
    rmSync(aside, { recursive: true, force: true });
    cpSync(await emptyMetastore(), aside, { recursive: true });
    renameSync(aside, metastore);
  }

  return {
    name: 'hive',
    version,
    url: `hive://127.0.0.1:${port}`,
    ports: [{ setting: 'HIVE_PORT', port }],
    gcLog: gcLogOf(folder),
    async prepare() {
      for (const path of FOLDERS) mkdirSync(join(folder, path), { recursive: true });
      rmSync(gcLogOf(folder), { force: true });
      if (!existsSync(metastore)) await createMetastore();
      access = await ensureAccessClasses(home, join(folder, 'tmp'));
      configure(config, metastore);
    },
    command: () => {
      const options = ['-Xms512m', '-Xmx2g', '-XX:+UseG1GC', '-XX:+ExitOnOutOfMemoryError', notesCollections(folder)];
      return java(
        [...options, ...givenJavaOptions()],
        'org.apache.hive.service.server.HiveServer2',
        [],
        [config, access],
      );
    },
    ready: () => answersWithin(port, { username: APPLICATION_USER, password: password() }),
  };
}

/** log4j's bridge must come before the jar that has the same classes. */
function classpath(home: string, folders: string[]): string {
  const lib = join(home, 'lib');
  const bridge = readdirSync(lib).find((name) => name.startsWith('log4j-1.2-api-'));
  if (bridge === undefined) throw new Error(`no log4j-1.2-api in ${lib}`);
  return [...folders, join(lib, bridge), join(lib, '*')].join(':');
}

function environment(home: string, version: string, configFolder: string): NodeJS.ProcessEnv {
  const own = {
    // The owner of the folders: under any other user the Tez session would die a few seconds after the start.
    HADOOP_USER_NAME: userName(),
    HIVE_HOME: home,
    HADOOP_HOME: home,
    METASTORE_HOME: join(home, `apache-hive-metastore-${version}-bin`),
    HIVE_CONF_DIR: configFolder,
  };
  return engineEnvironment(own, { more: AWS });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new StartError(
      `Hive cannot run as uid ${process.getuid?.()}, which has no name: use another, or set HIVE_URL`,
    );
  }
}
