import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { javaProgram, privateTemporaryFiles } from '../../infra/embedded/java.ts';
import { isWhole, markWhole } from '../../infra/setup/complete.mjs';
import { defaultCacheDir } from '../../infra/setup/engines.mjs';
import { fetchWith } from '../../infra/setup/run.mjs';
import { freePort } from '../../infra/supervisor/ports.ts';
import type { Running } from '../process.ts';
import type { BenchSite } from '../site.ts';
import { until } from '../until.ts';

const FOLDER = fileURLToPath(new URL('spark/', import.meta.url));
const COUNT = readFileSync(join(FOLDER, 'count.sql'), 'utf8');
/** Spark uses parts of the JDK that are closed since Java 17; its own start script opens the same ones. */
const OPENED = ['lang', 'lang.invoke', 'io', 'net', 'nio', 'util', 'util.concurrent', 'util.concurrent.atomic'];

/** All memory from the beginning, and the collector with the highest throughput. */
const MEMORY = ['-Xms4g', '-Xmx4g', '-XX:+UseParallelGC'];

/** Spark SQL on all cores, in a long-running process: code compiled in one round is reused in the next. */
export class Spark {
  readonly process: Running;
  readonly #url: string;

  private constructor(process: Running, url: string) {
    this.process = process;
    this.#url = url;
  }

  static async start(site: BenchSite, report: (line: string) => void): Promise<Spark> {
    const jars = await fetchSpark(report);
    const folder = site.newFolder();
    const port = await freePort();
    mkdirSync(join(folder, 'tmp'));
    const running = site.start('spark', folder, {
      file: javaProgram(),
      args: [
        ...OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
        '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
        ...MEMORY,
        ...privateTemporaryFiles(folder),
        '-cp',
        join(jars, '*'),
        join(FOLDER, 'SparkSql.java'),
        String(port),
        join(folder, 'tmp'),
      ],
      env: process.env,
      cwd: folder,
    });
    const spark = new Spark(running, `http://127.0.0.1:${port}`);
    await until('Spark answers', async () => {
      running.check();
      return fetch(spark.#url, { method: 'POST' })
        .then(({ ok }) => ok)
        .catch(() => false);
    });
    return spark;
  }

  /** Counts the clicks of a Parquet file below offset `rows` into a folder. Returns its files. */
  async count(clicks: string, folder: string, rows: number): Promise<string[]> {
    const values: Record<string, string> = { clicks, folder, rows: String(rows) };
    const body = COUNT.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
    const response = await fetch(this.#url, { method: 'POST', body });
    if (!response.ok) throw new Error(`Spark: ${await response.text()}`);
    return readdirSync(folder)
      .filter((name) => name.endsWith('.parquet'))
      .map((name) => join(folder, name));
  }
}

/** Downloaded from Maven Central, once. */
async function fetchSpark(log: (line: string) => void): Promise<string> {
  const cacheDir = defaultCacheDir(process.env);
  const jars = join(cacheDir, 'spark');
  if (isWhole(jars)) return jars;
  log('Spark: fetching from Maven Central');
  await fetchWith({
    what: 'Spark',
    file: 'mvn',
    args: ['-B', '-U', '-ntp', '-f', join(FOLDER, 'pom.xml'), `-Dspark.folder=${jars}`, 'process-resources'],
    cwd: cacheDir,
    hint: 'check the network, or a proxy or mirror in ~/.m2/settings.xml, then run it again',
    log,
    logFile: join(cacheDir, 'logs', 'spark.log'),
  });
  markWhole(jars);
  return jars;
}
