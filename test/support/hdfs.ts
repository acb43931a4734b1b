import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { OPENINGS } from '../../infra/embedded/hive/jvm.ts';
import { javaProgram } from '../../infra/embedded/java.ts';
import { defaultCacheDir, engineHome } from '../../infra/setup/engines.mjs';
import { freePort } from '../../infra/supervisor/ports.ts';
import { siteXml } from './site_xml.ts';
import { eventually } from './wait.ts';

export interface Hdfs {
  /** `hdfs://127.0.0.1:<port>`. */
  uri: string;
  stop(): Promise<void>;
}

/** A small HDFS: one name node and one data node, from the libraries of the embedded Hive. */
export async function startHdfs(): Promise<Hdfs> {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-hdfs-'));
  const uri = `hdfs://127.0.0.1:${await freePort()}`;
  const settings = {
    'fs.defaultFS': uri,
    'hadoop.tmp.dir': join(folder, 'tmp'),
    'dfs.replication': 1,
    'dfs.namenode.name.dir': `file://${join(folder, 'name')}`,
    'dfs.datanode.data.dir': `file://${join(folder, 'data')}`,
    'dfs.namenode.http-address': '127.0.0.1:0',
    'dfs.datanode.address': '127.0.0.1:0',
    'dfs.datanode.http.address': '127.0.0.1:0',
    'dfs.datanode.ipc.address': '127.0.0.1:0',
    'dfs.namenode.safemode.extension': 0,
    // As on every cluster used by a Hive: it acts on behalf of its client's user.
    [`hadoop.proxyuser.${userInfo().username}.hosts`]: '*',
    [`hadoop.proxyuser.${userInfo().username}.groups`]: '*',
  };
  mkdirSync(join(folder, 'tmp'));
  // The libraries lack their web pages, but both require folders for them.
  for (const name of ['hdfs', 'datanode']) mkdirSync(join(folder, 'webapps', name), { recursive: true });
  for (const name of ['core-site.xml', 'hdfs-site.xml']) writeFileSync(join(folder, name), siteXml(settings));

  const lib = join(engineHome(defaultCacheDir(process.env), 'hive'), 'lib', '*');
  const env = { ...process.env, HADOOP_USER_NAME: userInfo().username, HADOOP_HOME: folder };
  const java = (mainClass: string): [string, string[]] => [
    javaProgram(),
    [
      ...OPENINGS,
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Djava.net.preferIPv4Stack=true',
      '-cp',
      `${folder}:${lib}`,
      mainClass,
    ],
  ];
  const nameNode = java('org.apache.hadoop.hdfs.server.namenode.NameNode');
  execFileSync(nameNode[0], [...nameNode[1], '-format', '-nonInteractive'], { env, cwd: folder, stdio: 'pipe' });
  let said = '';
  const start = ([file, args]: [string, string[]]): ChildProcess => {
    const child = spawn(file, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-8_000);
      });
    }
    return child;
  };
  const processes = [start(nameNode), start(java('org.apache.hadoop.hdfs.server.datanode.DataNode'))];
  async function stop(): Promise<void> {
    for (const child of processes) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  const list = java('org.apache.hadoop.fs.FsShell');
  const isUp = async (): Promise<boolean> => {
    if (processes.some(({ exitCode }) => exitCode !== null)) throw new Error(said);
    const probe = [...list[1], '-put', '-f', join(folder, 'core-site.xml'), `${uri}/probe`];
    execFileSync(list[0], probe, { env, cwd: folder, stdio: 'pipe' });
    return true;
  };
  await eventually('HDFS', isUp, 120_000, 1_000).catch(async (error) => {
    await stop();
    throw error;
  });
  return { uri, stop };
}
