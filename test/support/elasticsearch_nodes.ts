import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elasticsearch } from '../../infra/embedded/elasticsearch/elasticsearch.ts';
import { defaultCacheDir, engineHome, engineVersions, ensureEngines } from '../../infra/setup/engines.mjs';
import { freePorts } from '../../infra/supervisor/ports.ts';
import { Supervisor } from '../../infra/supervisor/supervisor.ts';

/** Several nodes that are one cluster, each of them started again when it ends. */
export interface SearchNodes {
  urls: string[];
  /** Kills a node at once. */
  kill(name: string): void;
  stop(): Promise<void>;
}

const nodeName = (number: number): string => `node-${number}`;

export async function startSearchNodes(count: number): Promise<SearchNodes> {
  const cacheDir = defaultCacheDir(process.env);
  await ensureEngines({ cacheDir, names: ['elasticsearch'], log: () => {} });
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-nodes-'));
  const ports = await freePorts(2 * count);
  const [http, transport] = [ports.slice(0, count), ports.slice(count)];
  const supervisor = new Supervisor({ dataDir: folder, onEvent: () => {} });
  for (const [number, port] of http.entries()) {
    const dataDir = join(folder, nodeName(number));
    mkdirSync(dataDir);
    const site = { dataDir, folder: join(dataDir, 'elasticsearch'), port };
    const home = engineHome(cacheDir, 'elasticsearch');
    const engine = elasticsearch({ version: engineVersions.elasticsearch, home, ...site });
    supervisor.add({
      ...engine,
      name: nodeName(number),
      kind: 'engine',
      async prepare() {
        await engine.prepare();
        const file = join(site.folder, 'config', 'elasticsearch.yml');
        writeFileSync(file, asOneOf(readFileSync(file, 'utf8'), number, transport));
      },
    });
  }
  await supervisor.start();
  return {
    urls: http.map((port) => `http://127.0.0.1:${port}`),
    kill(name) {
      const pid = supervisor.rows().find((row) => row.name === name)?.pid;
      if (!pid) throw new Error(`${name} does not run`);
      // With its launcher: they are a group.
      process.kill(-pid, 'SIGKILL');
    },
    async stop() {
      await supervisor.stop();
      if (!process.env.KEEP_TEST_DATA) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The embedded server's configuration, as a node among others, on loopback and without passwords. */
function asOneOf(text: string, number: number, transport: number[]): string {
  const names = transport.map((_, other) => nodeName(other));
  const others = transport.map((port) => `127.0.0.1:${port}`);
  const cluster = [
    `discovery.seed_hosts: ${JSON.stringify(others)}`,
    `cluster.initial_master_nodes: ${JSON.stringify(names)}`,
    'xpack.security.enabled: false',
  ];
  return text
    .replace(/^xpack\.security\..*\n/gm, '')
    .replace('node.name: embedded', `node.name: ${nodeName(number)}`)
    .replace(/transport\.port: .*/, `transport.port: ${transport[number]}`)
    .replace('discovery.type: single-node', cluster.join('\n'));
}
