import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaProgram } from '../../infra/embedded/java.ts';
import { defaultCacheDir, engineHome, ensureEngines } from '../../infra/setup/engines.mjs';
import { siteXml } from './site_xml.ts';
import { eventually } from './wait.ts';

const [KEY, SECRET] = ['test-key', 'test-secret'];
/** The existing bucket. */
const BUCKET = 'cold';
/** A bucket for which Hive has the wrong secret. */
export const FORBIDDEN_BUCKET = 'forbidden';

export interface S3 {
  /** `s3a://<bucket>`. */
  uri: string;
  stop(): Promise<void>;
}

/** Column statistics take half of the time of a statement over a few rows, and no test needs them. */
const QUICK = { 'hive.stats.autogather': 'false', 'hive.stats.column.autogather': 'false' };

/** Configures an embedded Hive before its start, so that it finds an S3 that is started later. */
export function configureHive(dataDir: string, port: number): void {
  const folder = join(dataDir, 'engines', 'hive', 'config');
  mkdirSync(folder, { recursive: true });
  const settings = {
    'fs.s3a.endpoint': `http://127.0.0.1:${port}`,
    'fs.s3a.path.style.access': 'true',
    ...keysOf(BUCKET, SECRET),
    ...keysOf('missing', SECRET),
    ...keysOf(FORBIDDEN_BUCKET, 'wrong'),
    ...QUICK,
  };
  writeFileSync(join(folder, 'hiveserver2-site.xml'), siteXml(settings));
}

/** Keys per bucket: HiveServer2 does not pass keys for all buckets on to Tez. */
const keysOf = (bucket: string, secret: string) => ({
  [`fs.s3a.bucket.${bucket}.access.key`]: KEY,
  [`fs.s3a.bucket.${bucket}.secret.key`]: secret,
});

/** An S3 server that keeps its buckets in memory. */
export async function startS3(port: number): Promise<S3> {
  const cacheDir = defaultCacheDir(process.env);
  await ensureEngines({ cacheDir, names: ['s3proxy'], log: () => {} });
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-s3-'));
  const properties = {
    's3proxy.endpoint': `http://127.0.0.1:${port}`,
    's3proxy.authorization': 'aws-v2-or-v4',
    's3proxy.identity': KEY,
    's3proxy.credential': SECRET,
    // With folders, `clicks/` could not be an object beside `clicks/old`, as it can in S3.
    'jclouds.provider': 'transient',
    // Required, but not used.
    'jclouds.identity': 'any',
    'jclouds.credential': 'any',
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, 's3proxy.conf'), lines.join(''));
  writeFileSync(join(folder, 'logback.xml'), LOGBACK);
  const classpath = `${folder}:${join(engineHome(cacheDir, 's3proxy'), 'lib', '*')}`;
  const options = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classpath];
  const server = spawn(
    javaProgram(),
    [...options, 'org.gaul.s3proxy.Main', '--properties', join(folder, 's3proxy.conf')],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-8_000);
    });
  }
  async function stop(): Promise<void> {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill('SIGKILL')) await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  const isUp = async (): Promise<boolean> => {
    if (server.exitCode !== null) throw new Error(said);
    for (const bucket of [BUCKET, FORBIDDEN_BUCKET]) await createBucket(port, bucket);
    return true;
  };
  await eventually('S3', isUp, 120_000).catch(async (error) => {
    await stop();
    throw error;
  });
  return { uri: `s3a://${BUCKET}`, stop };
}

/** Signed with S3's older signature, which is one line. */
async function createBucket(port: number, bucket: string): Promise<void> {
  const date = new Date().toUTCString();
  const signature = createHmac('sha1', SECRET).update(`PUT\n\n\n${date}\n/${bucket}`).digest('base64');
  const headers = { date, authorization: `AWS ${KEY}:${signature}` };
  const response = await fetch(`http://127.0.0.1:${port}/${bucket}`, { method: 'PUT', headers });
  // 409: created by an earlier attempt.
  if (!response.ok && response.status !== 409) throw new Error(`${response.status} ${await response.text()}`);
}

const LOGBACK = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%msg%n</pattern></encoder></appender>
  <root level="warn"><appender-ref ref="out"/></root>
</configuration>`;
